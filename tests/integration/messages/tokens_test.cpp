#include <algorithm>
#include <cstdlib>
#include <iostream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "contract/store_client.hpp"
#include "support/marking_program.hpp"
#include "support/temporary_folder.hpp"
#include "token_actors.hpp"
#include "troupe/stores/sqlite.hpp"

namespace troupe::token_test {
namespace {

using testing_support::marking_program;

constexpr int tokens = holders * tokens_each;

/// For longer runs and other moments: TROUPE_TOKENS_KILLS, TROUPE_TOKENS_SEED.
unsigned setting(const char* name, unsigned usual) {
  const char* text = std::getenv(name);
  return text == nullptr ? usual : static_cast<unsigned>(std::stoul(text));
}

/// The command of a process that passes tokens until it is killed or asked to end.
std::vector<std::string> passing_process(const std::string& store, bool begins) {
  std::vector<std::string> command{TROUPE_PASS_TOKENS, store};
  if (begins) command.emplace_back("begin");
  return command;
}

/// Where the tokens are, as the store has it.
struct whereabouts {
  int begun = 0;  ///< holders that have sent their first tokens away
  int at_rest = 0;
  int under_way = 0;
  std::size_t left = 0;  ///< deliveries that those under way have before them
};

whereabouts look(const std::string& path) {
  const auto store = stores::sqlite_store({.path = path});
  const contract::store_client client(store);
  std::vector<actor_id> names;
  for (int i = 0; i < holders; ++i) names.push_back({"holder", std::to_string(i)});
  std::map<actor_id, spi::actor_image> images;
  for (std::size_t i = 0; i < names.size(); i += 250) {
    for (auto& loaded : client.load(std::span(names).subspan(i, 250))) {
      EXPECT_EQ(loaded.status, spi::read_status::ok) << loaded.message;
      images[loaded.image.actor] = std::move(loaded.image);
    }
  }
  store->close();
  whereabouts found;
  std::vector<int> seen(tokens);
  std::vector<bool> issued(tokens);
  for (const auto& [name, image] : images) {
    EXPECT_TRUE(image.letters.empty()) << image.letters.front().error;
    if (!image.requests.empty()) {
      ++found.begun;
      const int first = std::stoi(name.key) * tokens_each;
      std::fill_n(issued.begin() + first, tokens_each, true);
    }
    for (const auto& cell : image.cells) {
      for (const int token : codec<hand>::decode(cell.json).tokens) {
        ++seen.at(static_cast<std::size_t>(token));
        ++found.at_rest;
      }
    }
    for (const auto& message : image.messages) {
      const auto& marks = images[message.to].marks;
      const auto mark = std::find_if(marks.begin(), marks.end(), [&](const auto& m) { return m.from == name; });
      const bool arrived = mark != marks.end() && mark->stream == image.stream && mark->sequence >= message.sequence;
      if (arrived) continue;
      const auto arguments = nlohmann::json::parse(message.arguments);
      ++seen.at(arguments.at(0).get<std::size_t>());
      ++found.under_way;
      found.left += arguments.at(1).get<std::size_t>() + 1;
    }
  }
  int lost = 0;
  int doubled = 0;
  for (std::size_t token = 0; token < seen.size(); ++token) {
    lost += seen[token] == 0 && issued[token] ? 1 : 0;
    doubled += seen[token] > 1 || (seen[token] == 1 && !issued[token]) ? 1 : 0;
  }
  EXPECT_EQ(lost, 0) << "tokens are lost";
  EXPECT_EQ(doubled, 0) << "tokens are there twice";
  return found;
}

TEST(Tokens, SurviveKillsAndNoneIsLostOrDoubled) {
  const unsigned seed = setting("TROUPE_TOKENS_SEED", 20261123);
  const int kills = static_cast<int>(setting("TROUPE_TOKENS_KILLS", 20));
  SCOPED_TRACE("seed " + std::to_string(seed));
  const testing_support::temporary_folder folder;
  const std::string path = (folder.path() / "tokens.db").string();
  std::mt19937 random(seed);
  const int deliveries = tokens * passes;
  whereabouts now;
  int killed = 0;
  for (; killed < kills && now.at_rest < tokens; ++killed) {
    marking_program process(passing_process(path, now.begun < holders));
    process.wait_for(1 + random() % static_cast<unsigned>(2 * deliveries / kills));
    process.kill();
    now = look(path);
    ASSERT_FALSE(HasFailure()) << "after kill " << killed;
  }
  EXPECT_GE(killed, kills / 2) << "the tokens came to rest too early";
  EXPECT_GT(now.at_rest, 0) << "the kills came too early";
  std::cout << killed << " kills, then " << now.at_rest << " tokens at rest, " << now.under_way << " under way\n";
  const std::size_t left = now.left + static_cast<std::size_t>((holders - now.begun) * tokens_each * passes);
  marking_program last(passing_process(path, now.begun < holders));
  EXPECT_EQ(last.wait_for(left), left);
  last.end();
  now = look(path);
  EXPECT_EQ(now.at_rest, tokens);
  EXPECT_EQ(now.under_way, 0);
}

}  // namespace
}  // namespace troupe::token_test
