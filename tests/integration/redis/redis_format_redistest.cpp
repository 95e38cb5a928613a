#include <filesystem>
#include <fstream>
#include <sstream>

#include "redis_fixture.hpp"

// docs/formats/redis.md shows the commands that make an actor, and others that read it: the store must agree with both.
namespace troupe::redis_test {
namespace {

/// Returns the lines of the n-th block of commands in the document, or in another one.
std::vector<std::string> lines_of_block(std::size_t n, const char* document = "docs/formats/redis.md") {
  std::ifstream file(std::filesystem::path(TROUPE_SOURCE_FOLDER) / document);
  std::vector<std::string> lines;
  std::size_t blocks = 0;
  for (std::string line; std::getline(file, line);) {
    if (line == "```redis") {
      ++blocks;
    } else if (line == "```") {
      if (blocks == n + 1) break;
    } else if (blocks == n + 1) {
      lines.push_back(line);
    }
  }
  return lines;
}

/// Cuts a line as redis-cli does: at spaces, but for what stands in double quotes, where \xNN is a byte.
std::vector<std::string> words_of(const std::string& line) {
  std::vector<std::string> words;
  std::string word;
  bool quoted = false;
  bool begun = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '"') {
      quoted = !quoted;
      begun = true;
    } else if (line[i] == '\\' && line[i + 1] == 'x') {
      word += static_cast<char>(std::stoi(line.substr(i + 2, 2), nullptr, 16));
      i += 3;
    } else if (line[i] == '\\') {
      word += line[++i];
    } else if (line[i] == ' ' && !quoted) {
      if (begun) words.push_back(std::move(word));
      word.clear();
      begun = false;
    } else {
      word += line[i];
      begun = true;
    }
  }
  if (begun) words.push_back(std::move(word));
  return words;
}

/// The actor of the document.
spi::turn_record record_of_document() {
  auto record = contract::turn(acme, {}, {3, 77});
  record.epoch = 5;
  record.cells = {contract::cell("cart", "[1]", 4), contract::cell("stock", R"({"tea":7})")};
  record.reminders = {{contract::reminder("bill", 2000, 60000, R"({"to":"x"})")}};
  record.requests_added = {contract::request("r-1", 20, R"({"ok":true})")};
  spi::message_changes& messages = record.messages.emplace();
  messages.stream = 9;
  messages.sent_added = {{7, {"buyer", "b"}, "take", "[1]", contract::at_ms(30), 2, contract::at_ms(1700000000123)}};
  messages.marks_set = {{{"buyer", "b"}, 4, 9, contract::at_ms(50)}};
  messages.letters_added = {{1, {"buyer", "b"}, acme, "pay", "[]", "no", 16, contract::at_ms(60), contract::at_ms(70)}};
  record.logs = {{{{"sales", 1, 3}, 1, {{1, contract::at_ms(10), "5"}, {2, contract::at_ms(20), R"({"n":6})"}}}}};
  record.items = {contract::at_ms(4000),
                  false,
                  {},
                  {{"offer/1", "1", 3, contract::at_ms(4000)}, {"offer/2", "2", 3, std::nullopt}}};
  record.wake = {contract::at_ms(1000)};
  return record;
}

void expect_the_actor_of_the_document(const store_client& client) {
  const auto record = record_of_document();
  const auto loaded = client.load(acme);
  ASSERT_EQ(loaded.status, read_status::ok) << loaded.message;
  EXPECT_EQ(contract::difference(loaded.image, contract::image_of(record)), "");
  EXPECT_EQ(client.read_log({.actor = acme, .log = "sales"}).entries, record.logs->at(0).added);
  EXPECT_EQ(client.read_items({.actor = acme}).items, record.items->set);
  EXPECT_EQ(client.scan_due({contract::at_ms(5000), std::nullopt, 10}).actors,
            (std::vector<spi::due_actor>{{acme, contract::at_ms(1000)}}));
  EXPECT_EQ(client.list({}).actors.size(), 1U);
}

TEST(RedisFormat, WhatTheDocumentWritesIsWhatTheStoreReads) {
  const redis_server server;
  for (const std::string& line : lines_of_block(0)) {
    const std::string answer = server.run(words_of(line));
    EXPECT_FALSE(answer.starts_with("-")) << line << ": " << answer;
  }
  const auto client = open(server);
  expect_the_actor_of_the_document(client);
  EXPECT_EQ(client.status_of(contract::erasure({"seller", "gone"}, {1, 11}, {2, 11})), commit_status::committed);
  EXPECT_EQ(client.status_of(contract::erasure({"seller", "gone"}, {1, 11}, {2, 12})), commit_status::conflict);
  EXPECT_EQ(client.take_lease("east-1").epoch, 8U);
}

/// Returns all that a server holds, as commands: each key with what is in it, sorted.
std::string dump_of(const redis_server& server) {
  std::istringstream keys(server.run({"EVAL", "local out = redis.call('KEYS', '*') table.sort(out) return out", "0"}));
  std::string dump;
  for (std::string key; keys >> key;) {
    const std::string type = server.run({"TYPE", key});
    std::string content = server.run({"GET", key});
    if (type == "list") content = server.run({"LRANGE", key, "0", "-1"});
    if (type == "zset") content = server.run({"ZRANGE", key, "0", "-1", "WITHSCORES"});
    if (type == "hash") {
      content = server.run({"EVAL",
                            "local a = redis.call('HGETALL', KEYS[1]) local out = {} for i = 1, #a, 2 do "
                            "out[#out + 1] = a[i] .. '=' .. a[i + 1] end table.sort(out) return out",
                            "1", key});
    }
    dump.append(key).append(" ").append(type).append(" ").append(content).append("\n");
  }
  return dump;
}

TEST(RedisFormat, WhatTheStoreWritesIsWhatTheDocumentWrites) {
  const redis_server by_hand;
  for (const std::string& line : lines_of_block(0)) by_hand.run(words_of(line));
  const redis_server by_store;
  const auto client = open(by_store);
  EXPECT_EQ(client.status_of(record_of_document()), commit_status::committed);
  EXPECT_EQ(client.status_of(contract::birth({"seller", "gone"})), commit_status::committed);
  EXPECT_EQ(client.status_of(contract::erasure({"seller", "gone"}, {1, 11}, {2, 11})), commit_status::committed);
  for (int i = 0; i < 7; ++i) EXPECT_EQ(client.take_lease("east-1").status, read_status::ok);
  // The document shows the lease of one shard.
  std::string wanted = dump_of(by_hand);
  std::istringstream lines(dump_of(by_store));
  for (std::string line; std::getline(lines, line);) {
    if (line.find("}:lease:") != std::string::npos && line.find("{0}") == std::string::npos) {
      expect_words(line, {" string 7"});
      continue;
    }
    EXPECT_NE(wanted.find(line + "\n"), std::string::npos) << line << "\nis not in what the document writes:\n"
                                                           << wanted;
    wanted.erase(wanted.find(line + "\n"), line.size() + 1);
  }
  EXPECT_EQ(wanted, "") << "the document writes more than the store";
}

TEST(RedisFormat, CommandsOfTheDocumentShowWhatItSays) {
  const redis_server server;
  for (const std::string& line : lines_of_block(0)) server.run(words_of(line));
  const auto lines = lines_of_block(1);
  ASSERT_FALSE(lines.empty());
  for (const std::string& line : lines) {
    const auto comment = line.find("  # ");
    ASSERT_NE(comment, std::string::npos) << line;
    EXPECT_EQ(server.run(words_of(line.substr(0, comment))), line.substr(comment + 4)) << line;
  }
}

TEST(RedisFormat, CommandsOfTheGuideWork) {
  const redis_server server;
  for (const std::string& line : lines_of_block(0)) server.run(words_of(line));
  const auto lines = lines_of_block(0, "docs/guide/12-redis.md");
  ASSERT_GT(lines.size(), 5U);
  for (const std::string& line : lines) {
    const std::string answer = server.run(words_of(line));
    EXPECT_FALSE(answer.empty() || answer.starts_with("-")) << line << ": " << answer;
  }
}

}  // namespace
}  // namespace troupe::redis_test
