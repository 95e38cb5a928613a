#include "schedule/zone.hpp"

#include <random>

#include <gtest/gtest.h>

#include "schedule/zone_shelf.hpp"
#include "unit/schedule/refusal.hpp"

namespace troupe::internal {
namespace {

using namespace std::chrono;
using namespace std::chrono_literals;

/// A number of `size` bytes, the highest first.
std::string big_endian(std::int64_t number, int size) {
  std::string result;
  for (int shift = 8 * (size - 1); shift >= 0; shift -= 8) result += static_cast<char>(number >> shift & 255);
  return result;
}

std::string header(int times, int types, int leaps = 0) {
  std::string result = "TZif2" + std::string(15, '\0');
  for (int count : {0, 0, leaps, times, types, 4}) result += big_endian(count, 4);
  return result;
}

/// A slim file: one change in 1996, and a rule for what comes later.
std::string slim_file(const std::string& footer = "\nCET-1CEST,M3.5.0,M10.5.0/3\n", int leaps = 0) {
  std::string file = header(0, 1) + big_endian(0, 4) + std::string(6, '\0').substr(4) + "UTC" + '\0';
  file += header(1, 2, leaps) + big_endian(846'378'000, 8) + '\1';
  file += big_endian(7200, 4) + '\1' + '\0' + big_endian(3600, 4) + '\0' + '\0' + "CET" + '\0';
  return file + footer;
}

TEST(Zone, GoesByTheRuleBehindTheLastChangeOfItsFile) {
  auto parsed = parse_zone_file(slim_file());
  ASSERT_TRUE(std::holds_alternative<zone_table>(parsed)) << std::get<std::string_view>(parsed);
  const zone berlin("Berlin", std::get<zone_table>(parsed));
  EXPECT_EQ(berlin.at(sys_days(1996y / 7 / 1)).offset, 2h);
  EXPECT_EQ(berlin.at(sys_days(1997y / 1 / 1)).offset, 1h);
  for (year y : {1997y, 2026y, 2037y, 2038y, 2100y, 9999y}) {
    EXPECT_EQ(berlin.at(sys_days(y / 7 / 1)).offset, 2h) << static_cast<int>(y);
    EXPECT_EQ(berlin.at(sys_days(y / 12 / 1)).offset, 1h) << static_cast<int>(y);
  }
  const auto summer = berlin.at(sys_days(2050y / 7 / 1));
  EXPECT_EQ(summer.begin, sys_days(2050y / 3 / Sunday[last]) + 1h);
  EXPECT_EQ(summer.end, sys_days(2050y / 10 / Sunday[last]) + 1h);
  const auto winter = berlin.at(sys_days(2050y / 12 / 1));
  EXPECT_EQ(winter.begin, summer.end);
  EXPECT_EQ(winter.end, sys_days(2051y / 3 / Sunday[last]) + 1h);
}

TEST(Zone, RulesOfAllFormsAreRead) {
  const auto nuuk = parse_zone_rule("<-02>2<-01>,M3.5.0/-1,M10.5.0/0");
  ASSERT_TRUE(nuuk);
  EXPECT_EQ(nuuk->in(2026y)[0].at, sys_days(2026y / 3 / 29) + 1h);
  EXPECT_EQ(nuuk->in(2026y)[0].offset, -1h);
  const auto dublin = parse_zone_rule("IST-1GMT0,M10.5.0,M3.5.0/1");
  ASSERT_TRUE(dublin);
  EXPECT_EQ(dublin->in(2026y)[0].offset, 1h);
  EXPECT_EQ(dublin->in(2026y)[0].at, sys_days(2026y / 3 / 29) + 1h);
  const auto julian = parse_zone_rule("AAA3BBB,J60/2:30:15,365");
  ASSERT_TRUE(julian);
  EXPECT_EQ(julian->in(2028y)[0].at, sys_days(2028y / 3 / 1) + 5h + 30min + 15s);  // February 29 does not count
  EXPECT_EQ(julian->in(2028y)[1].at, sys_days(2028y / 12 / 31) + 4h);
  for (auto text : {"", "A", "CET", "CET-", "CET-25", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0",
                    "CET-1CEST,M3.6.0,M10.5.0", "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0/168", "<-02>",
                    "CET-1CEST,J0,J365", "CET-1CEST,366,1", "CET-1CEST,M3.5.0,M10.5.0/3x", "<CET-1", "CET-1:60"}) {
    EXPECT_FALSE(parse_zone_rule(text)) << text;
  }
}

TEST(Zone, DamagedFileIsRefusedWhateverIsWrong) {
  const auto whole = slim_file();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    EXPECT_TRUE(std::holds_alternative<std::string_view>(parse_zone_file(whole.substr(0, size)))) << size;
  }
  EXPECT_EQ(std::get<std::string_view>(parse_zone_file(slim_file("\nnonsense\n"))),
            "its rule for later years cannot be read");
  std::mt19937_64 random(20261123);
  for (int i = 0; i < 20'000; ++i) {
    auto damaged = whole;
    for (auto n = random() % 4 + 1; n > 0; --n) damaged[random() % damaged.size()] = static_cast<char>(random());
    const auto parsed = parse_zone_file(damaged);
    if (const auto* table = std::get_if<zone_table>(&parsed)) {
      const zone place("X", *table);
      for (year y : {1y, 1990y, 2030y, 9999y}) {
        const wall_time time = sys_days(y / 4 / 1);
        static_cast<void>(place.find(place.to_local(time)));
      }
    }
  }
}

TEST(Zone, IsReadOnceWhileItIsUsed) {
  const auto berlin = find_zone("Europe/Berlin");
  EXPECT_EQ(find_zone("Europe/Berlin"), berlin);
  EXPECT_EQ(find_zone("UTC"), find_zone("UTC"));
}

TEST(Zone, UnknownNameIsRefusedWithNamesThatAreNear) {
  auto refusal_of = [](std::string_view name) { return refusal([&] { return find_zone(name); }); };
  EXPECT_EQ(refusal_of("Europe/Berln"), "unknown time zone \"Europe/Berln\"; near are Europe/Berlin");
  EXPECT_NE(refusal_of("Berlin").find("near are Europe/Berlin"), std::string::npos);
  EXPECT_NE(refusal_of("europe/berlin").find("near are Europe/Berlin"), std::string::npos);
  EXPECT_NE(refusal_of("").find("write UTC"), std::string::npos);
  for (auto name : {"../../etc/passwd", "/etc/passwd", "Europe/", "Europe", "tzdata.zi", "zone.tab", ".",
                    "Europe//Berlin", "Europe/Ber\nlin", "posix/../UTC"}) {
    EXPECT_NE(refusal_of(name).find("unknown time zone"), std::string::npos) << name;
  }
  EXPECT_NE(refusal_of(std::string(5000, 'x')).find("unknown time zone"), std::string::npos);
  EXPECT_NE(refusal_of(std::string("UTC\0", 4)).find("\\x00"), std::string::npos);
}

}  // namespace
}  // namespace troupe::internal
