/* SPDX-License-Identifier: GPL-2.0 */
/* What of the page is the same for every log: files, as strings of the program */

.macro part name, file
	.globl	\name
\name:
	.incbin	"\file"
	.byte	0
.endm

	.section .rodata
part page_html, "page.html"
part page_css, "page.css"
part page_js, "page.js"

	.section .note.GNU-stack, "", %progbits
