# SPDX-License-Identifier: MIT
#
# One picture of several panels. Set by bench/report: kind (png or svg), out, files and titles (one
# for each panel), xname, yname, logx, contenders (all there are: each has its colour in every
# picture), present (those in this one). A file has lines of contender, x, y.

panels = words(files)
columns = panels > 1 ? 2 : 1
rows = (panels + columns - 1) / columns
width = 620 * columns
height = 400 * rows

if (kind eq "png") {
    set terminal pngcairo size width, height font "sans,11"
} else {
    set terminal svg size width, height font "sans,11" background "white"
}
set output out
set datafile separator "\t"
set multiplot layout rows, columns
set key outside right top
set grid
set xlabel xname
set ylabel yname
set logscale y
if (logx) set logscale x

named(c) = strstrt(" " . present . " ", " " . c . " ") > 0 ? c : ""

do for [p = 1:panels] {
    set title word(titles, p)
    # A point elsewhere than the contender's would end its line, so all others are left out by name.
    plot for [i = 1:words(contenders)] word(files, p) \
        using (strcol(1) eq word(contenders, i) ? $2 : NaN):3 \
        with linespoints linetype i linewidth (i == 1 ? 3 : 1.5) pointtype (i + 3) \
        title named(word(contenders, i))
}
unset multiplot
