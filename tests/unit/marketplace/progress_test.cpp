#include "console/progress.hpp"

#include <sstream>

#include <gtest/gtest.h>

namespace marketplace {
namespace {

using std::chrono::milliseconds;

TEST(Progress, WritesPlainLinesAtIntervals) {
  std::ostringstream out;
  progress shown(out, progress::style::lines, "replay", 200);
  shown.update(0, "0 rows", milliseconds(0));
  shown.update(50, "50 rows", milliseconds(1999));
  shown.update(100, "100 rows", milliseconds(2050));
  shown.finish("200 rows", milliseconds(2100));
  EXPECT_EQ(out.str(), "replay: 0 %  0 rows  0.0 s\nreplay: 50 %  100 rows  2.0 s\nreplay: 100 %  200 rows  2.1 s\n");
}

TEST(Progress, RedrawsABarOnATerminal) {
  std::ostringstream out;
  progress shown(out, progress::style::bar, "replay", 2);
  shown.update(1, "1 row", milliseconds(0));
  shown.update(1, "1 row", milliseconds(99));
  shown.finish("2 rows", milliseconds(150));
  EXPECT_EQ(out.str(),
            "\rreplay [###############               ] 50 %  1 row  0.0 s\x1b[K"
            "\rreplay [##############################] 100 %  2 rows  0.1 s\x1b[K\n");
}

TEST(Progress, OfNothingIsComplete) {
  std::ostringstream out;
  progress shown(out, progress::style::lines, "replay", 0);
  shown.finish("nothing", milliseconds(0));
  EXPECT_EQ(out.str(), "replay: 100 %  nothing  0.0 s\n");
}

TEST(Progress, NeverGoesPastTheEnd) {
  std::ostringstream out;
  progress shown(out, progress::style::lines, "replay", 10);
  shown.update(20, "x", milliseconds(0));
  EXPECT_EQ(out.str(), "replay: 100 %  x  0.0 s\n");
}

}  // namespace
}  // namespace marketplace
