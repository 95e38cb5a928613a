#!/usr/bin/env python3
"""Compares two builds of one benchmark program side by side, round by round.

usage: paired.py BEFORE AFTER [--starts N] [--rounds N] [--most RATIO] [-- ARGUMENTS OF THE PROGRAM]

Starts both programs N times (default 5; where memory lies differs from start to start) with --on-request and lets them
run each case alternately, A B B A ... (default 100 rounds), so that the two halves of a pair are milliseconds apart and
whatever else the machine does touches both. The ratio AFTER / BEFORE of a start is the median over its rounds; printed
is the median over the starts with the least and the most, for time on the wall and for processor time.
Exit code: 0 ok, 1 a program failed or, with --most, a case's ratio is larger than RATIO in both times, 2 usage.
"""

import json
import statistics
import subprocess
import sys


class Served:
    """A running benchmark program that runs a round when it is asked for one."""

    def __init__(self, program, passed):
        self.process = subprocess.Popen(
            [program, "--on-request", *passed], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.cases = json.loads(self.answer())

    def answer(self):
        line = self.process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self.process.args[0]} ended with exit code {self.process.wait()}")
        return line

    def round_of(self, case):
        """Wall and processor time in nanoseconds per operation."""
        self.process.stdin.write(case + "\n")
        self.process.stdin.flush()
        wall, cpu = self.answer().split()
        return float(wall), float(cpu)

    def end(self):
        self.process.stdin.close()
        if self.process.wait() != 0:
            raise RuntimeError(f"{self.process.args[0]} ended with exit code {self.process.returncode}")


def parse(arguments):
    own, passed = arguments, []
    if "--" in arguments:
        cut = arguments.index("--")
        own, passed = arguments[:cut], arguments[cut + 1 :]
    programs, options = [], {"--starts": 5, "--rounds": 100, "--most": None}
    rest = iter(own)
    for argument in rest:
        if argument in options:
            options[argument] = (float if argument == "--most" else int)(next(rest))
        elif argument.startswith("-"):
            raise ValueError(f"unknown option '{argument}'")
        else:
            programs.append(argument)
    if len(programs) != 2 or options["--starts"] < 1 or options["--rounds"] < 1:
        raise ValueError("two programs, and at least one start and round, are asked for")
    return programs, options, passed


def run_start(programs, rounds, passed):
    """{case: [(times of BEFORE, times of AFTER), ...]} of one start of both programs."""
    served = [Served(program, passed) for program in programs]
    taken = {case: [] for case in served[0].cases}
    for number in range(rounds):
        for case, pairs in taken.items():
            found = [None, None]
            for which in (0, 1) if number % 2 == 0 else (1, 0):
                found[which] = served[which].round_of(case)
            pairs.append(tuple(found))
    for program in served:
        program.end()
    return taken


def report(starts):
    """Prints the table; returns the largest of the cases' ratios, each the lesser one of its two times."""
    print(f"{'case':12} {'before':>8} {'after':>8} ns/op   {'wall: ratio (least - most)':28} cpu: ratio (least - most)")
    worst = 0.0
    for case in starts[0]:
        columns, medians = [], []
        for figure in (0, 1):
            found = [statistics.median(after[figure] / before[figure] for before, after in taken[case]) for taken in starts]
            medians.append(statistics.median(found))
            columns.append(f"{medians[-1]:.3f} ({min(found):.3f} - {max(found):.3f})")
        sides = [statistics.median(pair[side][0] for taken in starts for pair in taken[case]) for side in (0, 1)]
        print(f"{case:12} {sides[0]:8.1f} {sides[1]:8.1f}         {columns[0]:28} {columns[1]}")
        worst = max(worst, min(medians))
    return worst


def main(arguments):
    try:
        programs, options, passed = parse(arguments)
    except (ValueError, StopIteration) as problem:
        print(f"paired.py: {problem}\n\n{__doc__}", file=sys.stderr)
        return 2
    try:
        starts = []
        for number in range(options["--starts"]):
            starts.append(run_start(programs, options["--rounds"], passed))
            print(f"start {number + 1} of {options['--starts']}", file=sys.stderr)
        worst = report(starts)
    except (RuntimeError, OSError, ValueError) as problem:
        print(f"paired.py: {problem}", file=sys.stderr)
        return 1
    return 1 if options["--most"] is not None and worst > options["--most"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
