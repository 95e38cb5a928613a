#include "stores/postgres/postgres_migrations.hpp"

#include <gtest/gtest.h>

namespace troupe::internal {
namespace {

std::vector<std::uint32_t> formats(std::span<const pg_migration> steps) {
  std::vector<std::uint32_t> all;
  for (const pg_migration& step : steps) all.push_back(step.format);
  return all;
}

TEST(PostgresMigrations, GoFromWhatIsThereToTheLast) {
  const std::vector<pg_migration> all{{1, "a"}, {2, "b"}, {3, "c"}};
  EXPECT_EQ(formats(migrations_behind(all, 0)), (std::vector<std::uint32_t>{1, 2, 3}));
  EXPECT_EQ(formats(migrations_behind(all, 2)), (std::vector<std::uint32_t>{3}));
  EXPECT_TRUE(migrations_behind(all, 3).empty());
}

TEST(PostgresMigrations, AreNumberedFromOneWithoutAGap) {
  const auto all = postgres_migrations(stores::postgres_state::text);
  for (std::size_t i = 0; i < all.size(); ++i) EXPECT_EQ(all[i].format, i + 1);
}

TEST(PostgresMigrations, DifferInTheTypeOfJsonAlone) {
  const auto text = postgres_migrations(stores::postgres_state::text);
  const auto bytea = postgres_migrations(stores::postgres_state::bytea);
  EXPECT_NE(text[0].sql.find("state text NOT NULL"), std::string::npos);
  EXPECT_NE(bytea[0].sql.find("state bytea NOT NULL"), std::string::npos);
  for (const auto& steps : {text, bytea}) {
    for (const char* left : {"DOCUMENT", "STATE", "REMINDERS", "ARGUMENTS", "(VALUE)"}) {
      EXPECT_EQ(steps[0].sql.find(left), std::string::npos) << left;
    }
  }
}

}  // namespace
}  // namespace troupe::internal
