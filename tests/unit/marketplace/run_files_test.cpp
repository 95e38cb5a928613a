#include "console/run_files.hpp"

#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "console/usage_error.hpp"

namespace marketplace {
namespace {

using testing::AllOf;
using testing::HasSubstr;

std::string refusal_of(const run_files& files) {
  try {
    check_distinct(files);
  } catch (const usage_error& refused) {
    return refused.what();
  }
  return "accepted";
}

TEST(RunFiles, DecodeTheFileOfAStore) {
  EXPECT_EQ(file_of_store("memory:"), "");
  EXPECT_EQ(file_of_store("sqlite:market.db?synchronous=normal"), "market.db");
  EXPECT_EQ(file_of_store("sqlite:%6d%3F%2f.db"), "m?/.db");
  EXPECT_EQ(file_of_store("sqlite:100%"), "100%");
}

TEST(RunFiles, MustDiffer) {
  EXPECT_EQ(refusal_of({"sqlite:m.db", "in.csv", "r.json", "r.csv"}), "accepted");
  EXPECT_EQ(refusal_of({"memory:", "in.csv", "", ""}), "accepted");
  EXPECT_EQ(refusal_of({"memory:", "in.csv", "/dev/null", "/dev/null"}), "accepted");
  EXPECT_THAT(refusal_of({"sqlite:m%2edb", "in.csv", "", "x/../m.db-wal"}),
              AllOf(HasSubstr("--rejects x/../m.db-wal"), HasSubstr("the store's own file m.db-wal")));
  EXPECT_THAT(refusal_of({"memory:", "in.csv", "./in.csv", ""}), HasSubstr("--json ./in.csv"));
  EXPECT_THAT(refusal_of({"memory:", "in.csv", "r", "r"}), HasSubstr("--rejects r is the same file as --json r"));
}

}  // namespace
}  // namespace marketplace
