#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "troupe/testing/test_runtime.hpp"
#include "unit/core/ledger.hpp"

namespace troupe::testing {
namespace {

struct price {
  std::int64_t pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(price, pence)

}  // namespace
}  // namespace troupe::testing

template <>
struct troupe::state_schema<troupe::testing::price> {
  static constexpr std::uint32_t version = 3;
  static nlohmann::json upgrade(nlohmann::json row, std::uint32_t from) {
    if (from == 1) return {{"pounds", row.at("value")}};
    return {{"pence", row.at("pounds").get<std::int64_t>() * 100}};
  }
};

namespace troupe::testing {
namespace {

class ware : public actor {
 public:
  static constexpr std::string_view actor_type = "ware";
  std::int64_t pence() const { return price_->pence; }
  using methods = troupe::methods<&ware::pence>;

 private:
  state<price> price_{*this, "price"};
};

class Migration : public ::testing::Test {
 protected:
  Migration() { rt.host<ware>(); }
  void put(const std::string& key, std::uint32_t schema, const std::string& json) {
    rt.put({"ware", key}, {{.name = "note", .schema = 9, .json = "\"of another class\""},
                           {.name = "price", .schema = schema, .json = json}});
  }
  [[nodiscard]] spi::cell_image price_of(const std::string& key) { return rt.stored({"ware", key}).cells.at(1); }

  test_runtime rt;
};

TEST_F(Migration, RewritesWhatIsOldAndLeavesTheRestAlone) {
  for (int i = 0; i < 10; ++i) put("first" + std::to_string(i), 1, R"({"value":7})");
  for (int i = 0; i < 10; ++i) put("new" + std::to_string(i), 3, R"({"pence":5})");
  for (int i = 0; i < 10; ++i) put("second" + std::to_string(i), 2, R"({"pounds":3})");
  std::vector<std::uint64_t> seen;
  const auto report = rt.migrate(
      "ware", {.actors_at_once = 7, .progress = [&](const migration_report& so_far) { seen.push_back(so_far.seen); }});
  EXPECT_EQ(report.seen, 30U);
  EXPECT_EQ(report.rewritten, 20U);
  EXPECT_EQ(report.failed, 0U);
  EXPECT_EQ(seen, (std::vector<std::uint64_t>{7, 14, 21, 28, 30}));
  EXPECT_EQ(price_of("first3").json, R"({"pence":700})");
  EXPECT_EQ(price_of("first3").schema, 3U);
  EXPECT_EQ(price_of("second9").json, R"({"pence":300})");
  EXPECT_EQ(rt.stored({"ware", "first3"}).cells.at(0).schema, 9U) << "what the class does not declare";
  EXPECT_EQ(rt.stored({"ware", "new0"}).stamp.version, 1U);
  EXPECT_EQ(rt.counters().activations, 20U) << "those that are current are not loaded";
  rt.settle();
  EXPECT_EQ(rt.counters().resident_actors, 0U);
  EXPECT_EQ(rt.migrate("ware").rewritten, 0U);
}

TEST_F(Migration, WritesAtOnceWhateverTheTypesPolicyIs) {
  test_runtime lazy;
  auto options = options_of<ware>();
  options.persistence = durability::on_deactivate();
  lazy.host<ware>(options);
  lazy.put({"ware", "a"}, {{.name = "price", .schema = 1, .json = R"({"value":7})"}});
  int commits = 0;
  lazy.store().set_plan([&](const operation_info& operation) -> fault {
    if (operation.kind != store_operation::commit) return {};
    return {.what = ++commits == 1 ? fault::outcome::conflict : fault::outcome::none};
  });
  EXPECT_EQ(lazy.migrate("ware").failed, 1U) << "it was not written, and that is known";
  EXPECT_EQ(lazy.migrate("ware").rewritten, 1U);
  EXPECT_EQ(lazy.stored({"ware", "a"}).cells.at(0).schema, 3U);
}

TEST_F(Migration, OfWhatFailsNamesItAndGoesOn) {
  put("a", 1, R"({"value":7})");
  put("b", 1, R"({"something":7})");
  put("c", 4, R"({"later":7})");
  put("d", 2, R"({"pounds":3})");
  const auto report = rt.migrate("ware");
  EXPECT_EQ(report.seen, 4U);
  EXPECT_EQ(report.rewritten, 2U);
  EXPECT_EQ(report.failed, 2U);
  ASSERT_EQ(report.failures.size(), 2U);
  EXPECT_EQ(report.failures[0].actor.key, "b");
  EXPECT_EQ(report.failures[1].actor.key, "c");
  EXPECT_NE(report.failures[1].error.find("version 4"), std::string::npos) << report.failures[1].error;
  EXPECT_EQ(price_of("b").json, R"({"something":7})");
  EXPECT_EQ(price_of("c").schema, 4U);
}

TEST_F(Migration, CommitThatFailsIsCountedAndCanBeDoneAgain) {
  put("a", 3, R"({"pence":7})");
  put("b", 1, R"({"value":7})");
  rt.store().set_plan([](const operation_info& operation) -> fault {
    return operation.records.empty() ? fault{} : fault{.what = fault::outcome::conflict};
  });
  const auto report = rt.migrate("ware");
  EXPECT_EQ(report.failed, 1U);
  EXPECT_EQ(report.rewritten, 0U);
  EXPECT_EQ(price_of("b").schema, 1U);
  rt.store().set_plan({});
  EXPECT_EQ(rt.migrate("ware").rewritten, 1U);
  EXPECT_EQ(price_of("b").schema, 3U);
}

TEST_F(Migration, MayBeOfKeysThatBeginInOneWay) {
  put("a/1", 1, R"({"value":7})");
  put("b/1", 1, R"({"value":7})");
  EXPECT_EQ(rt.migrate("ware", {.key_prefix = "b/"}).seen, 1U);
  EXPECT_EQ(price_of("a/1").schema, 1U);
  EXPECT_EQ(price_of("b/1").schema, 3U);
}

TEST_F(Migration, OfActorsInMemoryKeepsWhatTheyDoMeanwhile) {
  put("a", 1, R"({"value":7})");
  EXPECT_EQ(rt.ref<ware>("a").call<&ware::pence>().get(), 700);
  EXPECT_EQ(price_of("a").schema, 1U) << "a turn that changes nothing writes nothing";
  EXPECT_EQ(rt.migrate("ware").rewritten, 1U);
  EXPECT_EQ(price_of("a").schema, 3U);
  EXPECT_EQ(rt.ref<ware>("a").call<&ware::pence>().get(), 700);
}

TEST_F(Migration, RefusesUnknownTypesAndBadOptions) {
  EXPECT_EQ(error_of([&] { rt.migrate("wares"); }).kind(), errc::unknown_type);
  EXPECT_EQ(error_of([&] { rt.migrate("ware", {.actors_at_once = 0}); }).kind(), errc::invalid_argument);
  EXPECT_EQ(error_of([&] { rt.migrate("ware", {.actors_at_once = 10'001}); }).kind(), errc::invalid_argument);
}

TEST_F(Migration, OfAStoreThatCannotBeListedSaysSo) {
  put("a", 1, R"({"value":7})");
  rt.store().set_plan([](const operation_info& operation) -> fault {
    return operation.kind == store_operation::list ? fault{.what = fault::outcome::unavailable} : fault{};
  });
  const error why = error_of([&] { rt.migrate("ware"); });
  EXPECT_EQ(why.kind(), errc::unavailable);
  EXPECT_NE(std::string(why.what()).find("migration of ware"), std::string::npos) << why.what();
}

}  // namespace
}  // namespace troupe::testing
