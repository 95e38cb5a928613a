#include "stores/redis/redis_command.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

using namespace std::string_literals;

TEST(RedisCommand, IsSentAsAListOfWordsWithTheirLengths) {
  EXPECT_EQ((redis_command{"GET", "key"}.text()), "*2\r\n$3\r\nGET\r\n$3\r\nkey\r\n");
}

TEST(RedisCommand, TakesAnyBytesAndNumbers) {
  redis_command command{"SET"};
  command.add(std::string_view("a\r\n\0b", 5)).add("").add(std::uint64_t{18446744073709551615U});
  EXPECT_EQ(command.text(), "*4\r\n$3\r\nSET\r\n$5\r\na\r\n\0b\r\n$0\r\n\r\n$20\r\n18446744073709551615\r\n"s);
  EXPECT_EQ(command.words(), 4U);
}

TEST(RedisCommand, CallsAScriptByItsDigestOrItsText) {
  const redis_command words{"1", "key"};
  EXPECT_EQ(words.text_of_call(redis_script::scan_due, "abc"),
            "*4\r\n$7\r\nEVALSHA\r\n$3\r\nabc\r\n$1\r\n1\r\n$3\r\nkey\r\n");
  const std::string script(text_of(redis_script::scan_due));
  EXPECT_EQ(words.text_of_call(redis_script::scan_due, ""),
            "*4\r\n$4\r\nEVAL\r\n$" + std::to_string(script.size()) + "\r\n" + script + "\r\n$1\r\n1\r\n$3\r\nkey\r\n");
}

}  // namespace
}  // namespace troupe::internal
