/* SPDX-License-Identifier: MIT */
/* A module for a later major version of the ABI. */
#include <stdint.h>

const void *dunlin_driver_entry_v2(uint32_t host_abi_major);

const void *dunlin_driver_entry_v2(uint32_t host_abi_major)
{
    (void)host_abi_major;
    return 0;
}
