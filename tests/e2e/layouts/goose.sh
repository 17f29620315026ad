# SPDX-License-Identifier: MIT
layout_sample goose goose . 3 goose_db_version 'version_id, is_applied'
