#include <random>

#include <gtest/gtest.h>

#include "troupe/base/error.hpp"
#include "troupe/schedule/schedule.hpp"
#include "troupe/schedule/time_text.hpp"

namespace troupe {
namespace {

using random_source = std::mt19937_64;

/// Random bytes, bytes of the parsers' own alphabet, or a valid text with a few changes.
std::string some_text(random_source& random) {
  static const std::vector<std::string> valid{"1h30m",
                                              "1.5s",
                                              "250ms",
                                              "P1Y2M3DT4H5M6.789S",
                                              "PT0.25S",
                                              "P2W",
                                              "R5/PT1H",
                                              "R/P1D",
                                              "@every 1h30m",
                                              "@weekly",
                                              "*/15 * * * *",
                                              "0 9 13,L * FRI#2,SUNL",
                                              "30 0 2 1-31/2 JAN-MAR ?",
                                              "TZ=UTC 0 0 29 2 *",
                                              "CRON_TZ=UTC @daily",
                                              "2026-12-24T18:00:00.250+01:00",
                                              "2026-12-24T18:00[UTC]",
                                              "2026-12-24",
                                              "0001-01-01T00:00Z",
                                              "9999-12-31T23:59:59.999Z"};
  static const std::string alphabet = "0123456789PTYMWDHSRrnusmhLW#*/?,-+.:[]@= \tZzUCJANFRI\xC2\xB5";
  auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  std::string text;
  const auto kind = below(4);
  if (kind == 0) {
    for (auto n = below(40); n > 0; --n) text += static_cast<char>(random());
  } else if (kind == 1) {
    for (auto n = below(24); n > 0; --n) text += alphabet[below(alphabet.size())];
  } else {
    text = valid[below(valid.size())];
    for (auto n = below(4); n > 0 && !text.empty(); --n) {
      const auto at = below(text.size());
      switch (below(5)) {
        case 0:
          text[at] = alphabet[below(alphabet.size())];
          break;
        case 1:
          text.erase(at, 1 + below(3));
          break;
        case 2:
          text.insert(at, 1, alphabet[below(alphabet.size())]);
          break;
        case 3:
          text.insert(at, text.substr(below(text.size()), below(8)));
          break;
        default:
          text[at] = static_cast<char>(random());
          break;
      }
    }
  }
  return text;
}

/// Runs `read`; whether it took the text. Anything but a refusal with a printable message is a failure.
template <class Read>
bool takes(const std::string& text, Read read) {
  try {
    read();
    return true;
  } catch (const error& refused) {
    const std::string_view message = refused.what();
    EXPECT_EQ(refused.kind(), errc::invalid_argument) << message;
    EXPECT_EQ(message.find_first_not_of(
                  " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"),
              std::string_view::npos)
        << message;
    EXPECT_LT(message.size(), 1000U) << message;
  } catch (const std::exception& other) {
    ADD_FAILURE() << testing::PrintToString(text) << ": " << other.what();
  }
  return false;
}

TEST(ScheduleFuzz, WhateverTextIsRefusedOrReadBackFromItsOwnWords) {
  const std::uint64_t seed = 20261123;
  random_source random(seed);
  int taken = 0;
  for (int i = 0; i < 30'000; ++i) {
    const auto text = some_text(random);
    SCOPED_TRACE(testing::Message() << "seed " << seed << ", text " << testing::PrintToString(text));
    taken += takes(text, [&] {
      const auto rule = schedule::parse(text);
      EXPECT_EQ(schedule::parse(rule.text(), rule.zone()), rule);
      const auto now = wall_time(std::chrono::milliseconds(static_cast<std::int64_t>(random() >> 20)));
      const auto tick = rule.next(now, now);
      EXPECT_TRUE(!tick || *tick > now);
      EXPECT_EQ(rule.last(now, now, tick.value_or(now)), tick);
    });
    taken += takes(text, [&] {
      const auto span = parse_calendar_span(text);
      EXPECT_EQ(parse_calendar_span(to_iso_duration(span)), span);
    });
    taken +=
        takes(text, [&] { EXPECT_EQ(parse_duration(to_iso_duration(parse_duration(text))), parse_duration(text)); });
    taken += takes(text, [&] { EXPECT_EQ(parse_time(format_time(parse_time(text))), parse_time(text)); });
  }
  EXPECT_GT(taken, 4'000);  // a parser that refuses everything proves nothing
}

}  // namespace
}  // namespace troupe
