#!/usr/bin/env python3
"""Compares troupe's schedules with independent answers: schedule_oracle_test.py PROGRAM [SEED]

PROGRAM is schedule_ticks. The answers are Python's, see schedule_oracle.py; where there is a systemd-analyze, its as well.
"""

import datetime
import functools
import random
import shutil
import subprocess
import sys
import unittest
import zoneinfo

import schedule_oracle as oracle

PROGRAM = sys.argv.pop(1)
SEED = int(sys.argv.pop(1)) if len(sys.argv) > 1 else 20261123

at = datetime.datetime

# Zone -> moments around which its clock does something.
EDGES = {
    "UTC": [at(2028, 2, 28), at(2026, 12, 30), at(2100, 2, 26)],
    "Europe/Berlin": [at(2026, 3, 27), at(2026, 10, 23), at(2024, 2, 27), at(2044, 3, 25), at(2099, 10, 23)],
    "America/New_York": [at(2026, 3, 6), at(2026, 10, 30), at(2050, 11, 4)],
    "Australia/Lord_Howe": [at(2026, 4, 3), at(2026, 10, 2), at(2048, 4, 3)],
    "America/Sao_Paulo": [at(2018, 2, 16), at(2018, 11, 2)],
    "Asia/Kathmandu": [at(1985, 12, 30), at(2026, 6, 1)],
    "Pacific/Apia": [at(2011, 12, 28)],
    "Africa/Casablanca": [at(2026, 2, 14), at(2026, 3, 20)],
    "Europe/Dublin": [at(2026, 3, 27), at(2040, 10, 26)],
    "America/Nuuk": [at(2026, 3, 27), at(2039, 10, 28)],
    "Asia/Beirut": [at(2026, 3, 27)],
    "Pacific/Kwajalein": [at(1993, 8, 19)],
    "Antarctica/Troll": [at(2026, 3, 27), at(2026, 10, 23)],
}

WRITTEN = [
    "0 2 * * *", "30 2 * * *", "15,45 1-3 * * *", "*/15 * * * *", "*/7 */2 * * *", "0 0 * * *", "0 0 29 2 *", "0 0 1 1 *",
    "59 23 31 12 *", "0 12 * * MON-FRI", "0 9 13 * FRI", "0 9 */2 * MON", "0 0 L * *", "0 0 * * SUN#1", "0 0 * * 5L",
    "0 3 * * 0", "0 3 * * 7", "5 4 ? * ?", "30 1 * * *", "*/30 1,2,3 * * *", "30 0 30 12 *", "0 6 30 12 *", "0 */3 * * *",
    "0 0-23 * * *", "0 0,0 2 * * *", "30 */10 2 * * *", "*/20 30 * * * *", "0 0 * * FRI-SUN", "1/20 2/6 * * *", "0 22 L,15 * TUE",
]


def random_field(rng, low, high, names=()):
    def value():
        picked = rng.randint(low, high)
        return rng.choice(names) if names and rng.random() < 0.3 else str(picked)

    items = []
    for _ in range(rng.choice((1, 1, 1, 2, 3))):
        kind = rng.random()
        if kind < 0.35:
            items.append("*" if rng.random() < 0.6 else f"*/{rng.randint(1, max(2, high // 2))}")
        elif kind < 0.7:
            items.append(value())
        else:
            first, last = sorted((rng.randint(low, high), rng.randint(low, high)))
            items.append(f"{first}-{last}" + (f"/{rng.randint(1, 5)}" if rng.random() < 0.4 else ""))
    return ",".join(items)


def random_expression(rng):
    fields = [random_field(rng, 0, 59), random_field(rng, 0, 23), random_field(rng, 1, 31),
              random_field(rng, 1, 12, ("MAR", "OCT", "DEC")), random_field(rng, 0, 6, ("SUN", "MON", "SAT"))]
    for i in (2, 3, 4):  # so that most of them have ticks within a few days
        if rng.random() < 0.6:
            fields[i] = "*"
    if rng.random() < 0.25:
        fields.insert(0, ",".join(str(second) for second in rng.sample(range(60), rng.randint(1, 3))))
    return " ".join(fields)


def ask(questions):
    """Returns the program's answers: a list of numbers for each question, or the text of an error."""
    done = subprocess.run([PROGRAM], input="".join(line + "\n" for line in questions), capture_output=True, text=True,
                          check=True, timeout=280)
    lines = done.stdout.split("\n")[:-1]
    return [line if line.startswith("error") else [int(part) for part in line.split()] for line in lines]


@functools.lru_cache(maxsize=64)
def walk_of(zone, begin):
    return oracle.Walk(zone, begin, 7 * 24 * 60)


class ScheduleOracleTest(unittest.TestCase):
    def compare(self, cases):
        """`cases` are (question, expected ticks)."""
        for (question, expected), got in zip(cases, ask([question for question, _ in cases]), strict=True):
            if got != expected:
                words = lambda ms: str(oracle.EPOCH + datetime.timedelta(milliseconds=ms))
                if isinstance(got, list):
                    place = next((i for i, (a, b) in enumerate(zip(got, expected)) if a != b), min(len(got), len(expected)))
                    self.fail(f"{question}: tick {place} differs: {[words(t) for t in got[place:place + 2]]} of troupe, "
                              f"{[words(t) for t in expected[place:place + 2]]} expected")
                self.fail(f"{question}: {got}")

    def compare_around(self, zone, moment, expressions, ticks):
        """Compares the ticks of the five days from `moment` on."""
        begin = at(moment.year, moment.month, moment.day) - datetime.timedelta(days=2)  # gaps before the walk cannot be seen
        walk = walk_of(zone, begin)
        after = oracle.milliseconds(moment) - 1
        cases = []
        for expression in expressions:
            expected = [tick for tick in walk.ticks(oracle.Cron(expression)) if tick > after][:ticks]
            question = f"ticks|{expression}|{zone}|{oracle.milliseconds(begin)}|{after}|{max(1, len(expected))}"
            if expected:
                cases.append((question, expected))
        self.assertTrue(cases)
        self.compare(cases)

    def test_cron_around_every_edge(self):
        for zone, moments in EDGES.items():
            for moment in moments:
                with self.subTest(zone=zone, moment=moment):
                    self.compare_around(zone, moment, WRITTEN, 50)

    def test_random_expressions_around_every_edge(self):
        rng = random.Random(SEED)
        for zone, moments in EDGES.items():
            for moment in moments:
                with self.subTest(zone=zone, moment=moment, seed=SEED):
                    self.compare_around(zone, moment, [random_expression(rng) for _ in range(25)], 600)

    def test_cron_from_within_an_hour_that_happens_twice(self):
        rng = random.Random(SEED)
        for zone, moment in (("Europe/Berlin", at(2026, 10, 25)), ("Australia/Lord_Howe", at(2026, 4, 4, 14)),
                             ("America/New_York", at(2026, 11, 1, 5)), ("America/Sao_Paulo", at(2018, 2, 18, 1))):
            for _ in range(8):
                within = moment + datetime.timedelta(minutes=rng.randint(0, 150))
                with self.subTest(zone=zone, within=within, seed=SEED):
                    self.compare_around(zone, within, WRITTEN[:20] + [random_expression(rng) for _ in range(5)], 20)

    def test_rare_days_over_decades(self):
        cases = []
        for zone in ("UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu",
                     "Pacific/Apia", "Africa/Casablanca"):
            for expression in ("0 0 29 2 *", "30 2 L 3,10 *", "0 12 31 12 *", "59 23 31 12 *", "30 2 * * SUN#5", "0 0 1 1 *",
                               "30 1 * 10 7L", "15 2 29 2 MON#5", "0 2 30 12 *", "0 0 15 2,11 SUN#1"):
                begin, years = at(2009, 6, 1), 120
                cron = oracle.Cron(expression)
                expected = oracle.by_days(cron, zone, begin, years)[:50]
                after = oracle.milliseconds(oracle.first_shown(zoneinfo.ZoneInfo(zone), begin)) - 1
                cases.append((f"ticks|{expression}|{zone}|{after}|{after}|{len(expected)}", expected))
        self.compare(cases)

    def test_calendar_spans(self):
        rng = random.Random(SEED)
        cases = []
        for zone, moments in EDGES.items():
            for text, months, days, hours in (("P1D", 0, 1, 0), ("P1M", 1, 0, 0), ("P1Y", 12, 0, 0), ("P1W", 0, 7, 0),
                                              ("P1M1D", 1, 1, 0), ("P2DT3H", 0, 2, 3), ("P3M", 3, 0, 0), ("P1Y2M3DT4H", 14, 3, 4)):
                for moment in moments:
                    anchor = moment + datetime.timedelta(minutes=rng.randint(0, 5 * 24 * 60), milliseconds=rng.randint(0, 999))
                    anchor = rng.choice((anchor, anchor.replace(day=rng.randint(27, 28)), at(2011, 1, 31, 23, 30)))
                    expected = oracle.by_spans(anchor, zone, months, days, datetime.timedelta(hours=hours), 30)
                    ms = oracle.milliseconds(anchor)
                    cases.append((f"ticks|{text}|{zone}|{ms}|{ms}|30", expected))
        self.compare(cases)

    def test_offsets_of_all_zones(self):
        rng = random.Random(SEED)
        begin, end, step = -3_000_000_000, 4_500_000_000, 86400 * 80  # 1874 to 2112
        for zone in sorted(zoneinfo.available_timezones() - {"localtime", "Factory"}):
            info = zoneinfo.ZoneInfo(zone)

            def offset(second):
                moment = oracle.EPOCH.replace(tzinfo=oracle.UTC) + datetime.timedelta(seconds=second)
                return int(moment.astimezone(info).utcoffset().total_seconds())

            times = [time + rng.randrange(step) for time in range(begin, end, step)]
            for low, high in list(zip(times, times[1:])):
                if rng.random() < 0.2 and offset(low) != offset(high):  # some changes to the second
                    while high - low > 1:
                        middle = (low + high) // 2
                        low, high = (low, middle) if offset(middle) != offset(low) else (middle, high)
                    times += [low, high]
            answer, = ask([f"offset|{zone}|" + ",".join(map(str, times))])
            wrong = [(time, got, offset(time)) for time, got in zip(times, answer, strict=True) if got != offset(time)]
            self.assertEqual(wrong[:3], [], zone)

    @unittest.skipUnless(shutil.which("systemd-analyze"), "there is no systemd-analyze here")
    def test_cron_as_systemd_sees_it(self):
        cases = []
        for expression, calendar_event in (
                ("0 0 29 2 *", "*-02-29 00:00:00"), ("*/15 * * * *", "*-*-* *:00/15:00"), ("0 9 * * MON-FRI", "Mon..Fri *-*-* 09:00:00"),
                ("30 4 1,15 * *", "*-*-01,15 04:30:00"), ("59 23 31 12 *", "*-12-31 23:59:00"), ("0 0 1 1 *", "*-01-01 00:00:00"),
                ("0 */6 * JAN-MAR *", "*-01..03-* 00/6:00:00"), ("10,40 30 2 * * SUN", "Sun *-*-* 02:30:10,40"), ("0 0 L * *", "*-*~01 00:00:00")):
            base = at(2026, 11, 23, 12, 34, 56)
            run = subprocess.run(["systemd-analyze", "calendar", "--iterations=40", f"--base-time={base} UTC", calendar_event + " UTC"],
                                 capture_output=True, text=True, check=False)
            if run.returncode != 0:
                self.skipTest("this systemd-analyze knows no --base-time: " + run.stderr)
            found = [line.split(": ", 1)[1].split(" ", 1)[1] for line in run.stdout.split("\n")
                     if "Next elapse:" in line or "Iter. #" in line]
            expected = [oracle.milliseconds(at.strptime(text, "%Y-%m-%d %H:%M:%S UTC")) for text in found]
            self.assertEqual(len(expected), 40, run.stdout)
            ms = oracle.milliseconds(base)
            cases.append((f"ticks|{expression}|UTC|{ms}|{ms}|40", expected))
        self.compare(cases)


if __name__ == "__main__":
    unittest.main()
