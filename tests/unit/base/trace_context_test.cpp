#include "troupe/base/trace_context.hpp"

#include <string>

#include <gtest/gtest.h>

namespace troupe {
namespace {

constexpr const char* example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

TEST(TraceContext, ReadsTheExampleOfTheStandardAndWritesItBack) {
  const auto read = trace_context::parse(example, "congo=t61rcWkgMzE");
  ASSERT_TRUE(read);
  EXPECT_EQ(read->trace_id[0], 0x4bf92f3577b34da6U);
  EXPECT_EQ(read->trace_id[1], 0xa3ce929d0e0e4736U);
  EXPECT_EQ(read->span_id, 0x00f067aa0ba902b7U);
  EXPECT_TRUE(read->sampled);
  EXPECT_EQ(read->state, "congo=t61rcWkgMzE");
  EXPECT_EQ(read->traceparent(), example);
}

TEST(TraceContext, MalformedOnesAreNone) {
  const std::string good = example;
  EXPECT_TRUE(trace_context::parse(good));
  for (std::size_t cut = 0; cut < good.size(); ++cut) EXPECT_FALSE(trace_context::parse(good.substr(0, cut))) << cut;
  EXPECT_FALSE(trace_context::parse(good + "-00")) << "version 00 has no more fields";
  for (std::size_t at = 0; at < good.size(); ++at) {
    std::string broken = good;
    broken[at] = 'G';
    EXPECT_FALSE(trace_context::parse(broken)) << at;
  }
  EXPECT_FALSE(trace_context::parse("00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01")) << "upper case";
  EXPECT_FALSE(trace_context::parse("ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")) << "version ff";
  EXPECT_FALSE(trace_context::parse("00-00000000000000000000000000000000-00f067aa0ba902b7-01")) << "no trace";
  EXPECT_FALSE(trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000000-01")) << "no span";
}

TEST(TraceContext, LaterVersionsAreReadAsFarAsThisOneGoes) {
  const std::string later = "cc-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-03";
  ASSERT_TRUE(trace_context::parse(later));
  EXPECT_EQ(trace_context::parse(later)->traceparent(), example) << "unknown flags are not passed on";
  EXPECT_TRUE(trace_context::parse(later + "-what-the-future-brings"));
  EXPECT_FALSE(trace_context::parse(later + ".what"));
}

TEST(TraceContext, AChildKeepsTraceFlagAndState) {
  const auto child = trace_context::parse(example, "a=b")->child(0xabcU);
  EXPECT_EQ(child.traceparent(), "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000abc-01");
  EXPECT_EQ(child.state, "a=b");
  EXPECT_EQ(trace_context::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00")->child(1).traceparent(),
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000001-00");
}

TEST(TraceContext, StateThatIsTooLongIsLeftOut) {
  EXPECT_EQ(trace_context::parse(example, std::string(trace_state_bytes_max, 'x'))->state.size(), 512U);
  EXPECT_EQ(trace_context::parse(example, std::string(trace_state_bytes_max + 1, 'x'))->state, "");
}

}  // namespace
}  // namespace troupe
