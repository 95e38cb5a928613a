"""What ticks a schedule must have, worked out the slow way: Python's zoneinfo, minute by minute, no code of troupe's.

A local time's tick is the first moment at which the zone's clock shows it or anything later. So a skipped time counts as
the end of its gap, and a doubled one is its first. With every hour in the expression, ticks are all moments whose shown
time fits.
"""

import calendar
import datetime
import zoneinfo

UTC = datetime.timezone.utc
EPOCH = datetime.datetime(1970, 1, 1)
MINUTE = datetime.timedelta(minutes=1)

_MONTHS = {name.upper(): i for i, name in enumerate(calendar.month_abbr) if name}
_WEEKDAYS = {"SUN": 0, "MON": 1, "TUE": 2, "WED": 3, "THU": 4, "FRI": 5, "SAT": 6}


def milliseconds(naive_utc):
    return (naive_utc - EPOCH) // datetime.timedelta(milliseconds=1)


def _values(text, low, high, names=None):
    """Returns the set of a field of plain values, ranges and steps, and whether it is a star."""
    found, star = set(), False
    for item in text.split(","):
        body, _, step = item.partition("/")
        step_by = int(step or 1)
        if body in ("*", "?"):
            first, last = low, high
            star |= step_by == 1
        else:
            ends = [names[part] if names and part in names else int(part) for part in body.split("-")]
            first, last = ends[0], ends[-1]
            if names is _WEEKDAYS and last == 0 < first:
                last = 7  # FRI-SUN
            if step and len(ends) == 1:
                last = high
        found |= set(range(first, last + 1, step_by))
    return found, star


class Cron:
    def __init__(self, text):
        fields = text.split()
        self.seconds = _values(fields.pop(0), 0, 59)[0] if len(fields) == 6 else {0}
        self.minutes, self.hours = _values(fields[0], 0, 59)[0], _values(fields[1], 0, 23)[0]
        self.months = _values(fields[3], 1, 12, _MONTHS)[0]
        self.last_day = "L" in fields[2].split(",")
        days = ",".join(part for part in fields[2].split(",") if part != "L")
        self.days, self.any_day = _values(days, 1, 31) if days else (set(), False)
        self.nth, plain = set(), []
        for part in fields[4].split(","):
            if "#" in part:
                name, _, place = part.partition("#")
                self.nth.add((self._weekday(name), int(place)))
            elif part.endswith("L"):
                self.nth.add((self._weekday(part[:-1]), "last"))
            else:
                plain.append(part)
        self.weekdays, self.any_weekday = _values(",".join(plain), 0, 6, _WEEKDAYS) if plain else (set(), False)
        self.weekdays = {day % 7 for day in self.weekdays}
        self.every_hour = self.hours == set(range(24))

    @staticmethod
    def _weekday(name):
        return _WEEKDAYS.get(name) if name in _WEEKDAYS else int(name) % 7

    def fits_day(self, date):
        if date.month not in self.months:
            return False
        length = calendar.monthrange(date.year, date.month)[1]
        by_day = date.day in self.days or (self.last_day and date.day == length)
        weekday = date.isoweekday() % 7
        by_weekday = (weekday in self.weekdays or (weekday, (date.day - 1) // 7 + 1) in self.nth
                      or ((weekday, "last") in self.nth and date.day + 7 > length))
        if self.any_day or self.any_weekday:
            return (by_day or self.any_day) and (by_weekday or self.any_weekday)
        return by_day or by_weekday

    def fits_minute(self, local):
        return local.minute in self.minutes and local.hour in self.hours and self.fits_day(local)


class Walk:
    """The local times that a zone's clock shows, minute by minute."""

    def __init__(self, zone, begin, minutes):
        """`begin` is naive UTC."""
        info = zoneinfo.ZoneInfo(zone)
        self.steps = []
        for i in range(minutes):
            moment = begin + i * MINUTE
            self.steps.append((moment, moment.replace(tzinfo=UTC).astimezone(info).replace(tzinfo=None)))

    def ticks(self, cron):
        """Returns the ticks of the walk; the first hours may lack some that a gap before them would add."""
        day_fits, found = {}, []

        def fits(local):
            date = local.date()
            if date not in day_fits:
                day_fits[date] = cron.fits_day(local)
            return day_fits[date] and local.minute in cron.minutes and local.hour in cron.hours

        latest = self.steps[0][1] - MINUTE
        for moment, shown in self.steps:
            if cron.every_hour:
                if fits(shown):
                    found += [milliseconds(moment) + 1000 * second for second in sorted(cron.seconds)]
                continue
            if shown <= latest:
                continue  # shown before, or less than what was
            while latest + MINUTE < shown:  # skipped
                latest += MINUTE
                if fits(latest) and (not found or found[-1] != milliseconds(moment)):
                    found.append(milliseconds(moment))
            latest = shown
            if fits(shown):
                new = [milliseconds(moment) + 1000 * second for second in sorted(cron.seconds)]
                found += [tick for tick in new if not found or tick > found[-1]]
        return found


def first_shown(info, local):
    """Returns the first moment, in naive UTC, at which the clock shows `local` or a later time."""
    finer = datetime.timedelta(microseconds=local.microsecond)
    local -= finer
    moment = local - datetime.timedelta(hours=30)
    shown = lambda at: at.replace(tzinfo=UTC).astimezone(info).replace(tzinfo=None)
    for step in (datetime.timedelta(hours=1), MINUTE, datetime.timedelta(seconds=1)):
        while shown(moment + step) < local:
            moment += step
    moment += datetime.timedelta(seconds=1)
    return moment + finer if shown(moment) == local else moment


def by_days(cron, zone, begin, years):
    """Returns the ticks of an expression of rare days, day by day from the naive local `begin` on."""
    info, found = zoneinfo.ZoneInfo(zone), []
    for i in range(years * 366):
        date = begin + datetime.timedelta(days=i)
        if not cron.fits_day(date):
            continue
        for hour in sorted(cron.hours):
            for minute in sorted(cron.minutes):
                for second in sorted(cron.seconds):
                    found.append(milliseconds(first_shown(info, date.replace(hour=hour, minute=minute, second=second))))
    return sorted(set(found))


def by_spans(anchor, zone, months, days, clock, number):
    """Returns the first ticks behind `anchor` (naive UTC) of a calendar span."""
    info = zoneinfo.ZoneInfo(zone)
    local = anchor.replace(tzinfo=UTC).astimezone(info).replace(tzinfo=None)
    found = []
    for n in range(1, number + 10):
        month = local.month - 1 + n * months
        year, month = local.year + month // 12, month % 12 + 1
        day = min(local.day, calendar.monthrange(year, month)[1])
        target = local.replace(year=year, month=month, day=day) + datetime.timedelta(days=n * days)
        tick = milliseconds(first_shown(info, target) + n * clock)
        if not found or tick != found[-1]:
            found.append(tick)
    return found[:number]
