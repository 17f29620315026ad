/* SPDX-License-Identifier: MIT */
/* How a text that a layout has rewritten tells dunlin's marks from the file's own comments: this
 * byte stands behind the dashes. */
#ifndef DUNLIN_BASE_MARK_H
#define DUNLIN_BASE_MARK_H

#define MARK_BYTE '\x01'

#endif
