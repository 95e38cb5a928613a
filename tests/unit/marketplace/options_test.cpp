#include "console/options.hpp"

#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace marketplace {
namespace {

using testing::AllOf;
using testing::HasSubstr;

command parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "marketplace");
  return parse_command_line(static_cast<int>(arguments.size()), arguments.data(), "bundled.csv");
}

std::string usage_error(std::vector<const char*> arguments) {
  const command parsed = parse(std::move(arguments));
  const auto* nothing = std::get_if<nothing_to_run>(&parsed);
  if (nothing == nullptr) return "accepted";
  EXPECT_EQ(nothing->code, exit_usage);
  return nothing->text;
}

TEST(Options, HaveTheDocumentedDefaults) {
  const auto negotiate = std::get<negotiate_options>(parse({"negotiate"}));
  EXPECT_EQ(negotiate.buyers, 100);
  EXPECT_EQ(negotiate.sellers, 500);
  EXPECT_EQ(negotiate.rounds, 20);
  EXPECT_EQ(negotiate.store, "memory:");
  const auto replay = std::get<replay_options>(parse({"replay"}));
  EXPECT_EQ(replay.file, "bundled.csv");
  EXPECT_EQ(replay.store, "memory:");
}

TEST(Options, AreRead) {
  const auto replay = std::get<replay_options>(
      parse({"replay", MARKETPLACE_DATA, "--store", "sqlite:m.db", "--json", "j", "--rejects", "r"}));
  EXPECT_EQ(replay.file, MARKETPLACE_DATA);
  EXPECT_EQ(replay.store, "sqlite:m.db");
  EXPECT_EQ(replay.json_file, "j");
  EXPECT_EQ(replay.rejects_file, "r");
  const auto negotiate = std::get<negotiate_options>(
      parse({"negotiate", "--buyers", "3", "--sellers", "4", "--rounds", "5", "--seed", "18446744073709551615"}));
  EXPECT_EQ(negotiate.buyers, 3);
  EXPECT_EQ(negotiate.sellers, 4);
  EXPECT_EQ(negotiate.rounds, 5);
  EXPECT_EQ(negotiate.seed, UINT64_MAX);
  EXPECT_EQ(std::get<audit_options>(parse({"audit", "--store", "sqlite:m.db"})).store, "sqlite:m.db");
}

TEST(Options, OfAHistoryAreRead) {
  const auto usual = std::get<history_options>(parse({"history", "seller", "85123A", "--store", "sqlite:m.db"}));
  EXPECT_EQ(usual.side, "seller");
  EXPECT_EQ(usual.key, "85123A");
  EXPECT_EQ(usual.newest, 20);
  EXPECT_EQ(usual.from, 0);
  const auto chosen =
      std::get<history_options>(parse({"history", "buyer", "guest", "--newest", "010", "--from", "1000000000000000000",
                                       "--json", "j", "--store", "sqlite:m.db"}));
  EXPECT_EQ(chosen.side, "buyer");
  EXPECT_EQ(chosen.newest, 10);
  EXPECT_EQ(chosen.from, 1'000'000'000'000'000'000);
  EXPECT_EQ(chosen.json_file, "j");
}

TEST(Options, OfAHistoryAreCheckedToo) {
  const auto error = [](std::vector<const char*> more) {
    more.insert(more.begin(), {"history", "seller", "85123A", "--store", "sqlite:m.db"});
    return usage_error(more);
  };
  for (const char* wrong : {"0", "-1", "1.5", "0x10", "1000001", "many"}) {
    EXPECT_THAT(error({"--newest", wrong}), AllOf(HasSubstr("--newest"), HasSubstr(wrong)));
  }
  for (const char* wrong : {"0", "-1", "newest", "1000000000000000001", "9223372036854775808"}) {
    EXPECT_THAT(error({"--from", wrong}), AllOf(HasSubstr("--from"), HasSubstr(wrong)));
  }
  EXPECT_THAT(usage_error({"history", "--store", "sqlite:m.db"}), HasSubstr("side"));
  EXPECT_THAT(usage_error({"history", "seller", "--store", "sqlite:m.db"}), HasSubstr("key"));
  EXPECT_THAT(usage_error({"history", "stranger", "x", "--store", "sqlite:m.db"}), HasSubstr("stranger"));
  EXPECT_THAT(usage_error({"history", "seller", "", "--store", "sqlite:m.db"}), HasSubstr("1 to 512 bytes"));
  EXPECT_THAT(usage_error({"history", "seller", "x"}), HasSubstr("--store"));
  EXPECT_THAT(usage_error({"history", "seller", "x", "--store", "memory:"}), HasSubstr("former run"));
}

TEST(Options, ReadNumbersAsDecimal) {
  const auto negotiate = std::get<negotiate_options>(parse({"negotiate", "--sellers", "0010", "--seed", "00"}));
  EXPECT_EQ(negotiate.sellers, 10);
  EXPECT_EQ(negotiate.seed, 0U);
  EXPECT_THAT(usage_error({"negotiate", "--sellers", "0x10"}), HasSubstr("decimal"));
  EXPECT_THAT(usage_error({"negotiate", "--sellers", "00"}), HasSubstr("--sellers"));
  EXPECT_THAT(usage_error({"replay", "/dev/null"}), HasSubstr("no regular file"));
  EXPECT_THAT(usage_error({"audit", "--store", "memory:?"}), HasSubstr("former run"));
}

TEST(Options, LeaveTheStoreToTheLibrary) {
  EXPECT_EQ(std::get<replay_options>(parse({"replay", "--store", "redis://host"})).store, "redis://host");
}

TEST(Options, NameOptionValueAndRuleWhenWrong) {
  EXPECT_THAT(usage_error({"negotiate", "--buyers", "0"}),
              AllOf(HasSubstr("--buyers"), HasSubstr("0"), HasSubstr("1"), HasSubstr("100000")));
  EXPECT_THAT(usage_error({"negotiate", "--buyers", "many"}), AllOf(HasSubstr("--buyers"), HasSubstr("many")));
  EXPECT_THAT(usage_error({"negotiate", "--seed", "-1"}),
              AllOf(HasSubstr("--seed"), HasSubstr("\"-1\" is no integer")));
  EXPECT_THAT(usage_error({"replay", "/no/such.csv"}), HasSubstr("/no/such.csv"));
  EXPECT_THAT(usage_error({"replay", "--sped"}), HasSubstr("--sped"));
  EXPECT_THAT(usage_error({"audit"}), HasSubstr("--store"));
  EXPECT_THAT(usage_error({"audit", "--store", "memory:"}), HasSubstr("former run"));
  EXPECT_THAT(usage_error({"haggle"}), HasSubstr("haggle"));
  EXPECT_THAT(usage_error({}), HasSubstr("a command is needed"));
}

TEST(Options, HelpTeaches) {
  const auto help = std::get<nothing_to_run>(parse({"--help"}));
  EXPECT_EQ(help.code, exit_ok);
  EXPECT_THAT(help.text, AllOf(HasSubstr("negotiate"), HasSubstr("replay"), HasSubstr("audit"), HasSubstr("history"),
                               HasSubstr("sqlite:PATH"), HasSubstr("Exit codes")));
  const auto replay_help = std::get<nothing_to_run>(parse({"replay", "--help"}));
  EXPECT_EQ(replay_help.code, exit_ok);
  EXPECT_THAT(replay_help.text, AllOf(HasSubstr("--rejects"), HasSubstr("exactly once")));
}

}  // namespace
}  // namespace marketplace
