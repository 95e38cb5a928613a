#include "core/output_gate.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

std::vector<std::uint64_t> sequences(const std::vector<gated_output>& outputs) {
  std::vector<std::uint64_t> all;
  for (const auto& output : outputs) all.push_back(output.sequence);
  return all;
}

output_gate gate_with(std::initializer_list<std::uint64_t> held) {
  output_gate gate;
  for (const std::uint64_t sequence : held) {
    gated_output output;
    output.sequence = sequence;
    gate.hold(std::move(output));
  }
  return gate;
}

using list = std::vector<std::uint64_t>;

TEST(OutputGate, ReleasesInOrderUpToWhatIsCommitted) {
  output_gate gate = gate_with({1, 2, 2, 5});
  EXPECT_EQ(sequences(gate.release(0)), list{});
  EXPECT_EQ(sequences(gate.release(2)), (list{1, 2, 2}));
  EXPECT_FALSE(gate.empty());
  EXPECT_EQ(sequences(gate.release(4)), list{});
  EXPECT_EQ(sequences(gate.release(9)), (list{5}));
  EXPECT_TRUE(gate.empty());
}

TEST(OutputGate, GivesEverythingUpWhenACommitFailed) {
  output_gate gate = gate_with({3, 4});
  EXPECT_EQ(sequences(gate.take_all()), (list{3, 4}));
  EXPECT_TRUE(gate.empty());
}

}  // namespace
}  // namespace troupe::internal
