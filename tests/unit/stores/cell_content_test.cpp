#include "stores/rules/cell_content.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

const std::string repetitive = "\"" + std::string(10'000, 'x') + "\"";

TEST(CellContent, IsCompressedFromTheThresholdOn) {
  EXPECT_EQ(code_cell(repetitive, 0).coding, cell_coding::plain);
  EXPECT_EQ(code_cell(repetitive, repetitive.size() + 1).coding, cell_coding::plain);
  const cell_content packed = code_cell(repetitive, repetitive.size());
  EXPECT_EQ(packed.coding, cell_coding::zstd);
  EXPECT_LT(packed.bytes.size(), 100U);
  EXPECT_EQ(decode_cell(1, packed.bytes, repetitive.size()), repetitive);
}

TEST(CellContent, StaysPlainWhereCompressionDoesNotPay) {
  EXPECT_EQ(code_cell("1", 1).coding, cell_coding::plain);
  EXPECT_EQ(decode_cell(0, "1", 1), "1");
}

TEST(CellContent, IsRefusedWhenDamaged) {
  const std::string packed = code_cell(repetitive, 1).bytes;
  EXPECT_EQ(decode_cell(2, packed, 1U << 20U), std::nullopt) << "an unknown coding";
  EXPECT_EQ(decode_cell(1, packed, repetitive.size() - 1), std::nullopt) << "larger than may be";
  EXPECT_EQ(decode_cell(1, "", 1U << 20U), std::nullopt);
  EXPECT_EQ(decode_cell(1, "nothing of zstd", 1U << 20U), std::nullopt);
  EXPECT_EQ(decode_cell(1, packed.substr(0, packed.size() - 1), 1U << 20U), std::nullopt) << "cut off";
}

}  // namespace
}  // namespace troupe::internal
