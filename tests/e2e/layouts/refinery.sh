# SPDX-License-Identifier: MIT
layout_sample refinery refinery migrations 3 refinery_schema_history 'version, name, checksum'
