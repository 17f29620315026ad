/* SPDX-License-Identifier: MIT */
/* A shared object that is no driver. */
int no_driver_at_all(void);

int no_driver_at_all(void)
{
    return 1;
}
