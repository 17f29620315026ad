# SPDX-License-Identifier: MIT
layout_sample golang-migrate golang-migrate . 3 schema_migrations 'version, dirty'
