#include <gtest/gtest.h>

#include "unit/core/ledger.hpp"

namespace troupe::testing {

/// Version 1 had `pounds`, version 2 `pence`, version 3 has `minor` and a currency.
struct price {
  int minor = 0;
  std::string currency;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE(price, minor, currency)

}  // namespace troupe::testing

template <>
struct troupe::state_schema<troupe::testing::price> {
  static constexpr std::uint32_t version = 3;
  static nlohmann::json upgrade(nlohmann::json value, std::uint32_t from) {
    if (from == 1) return {{"pence", value.at("pounds").get<int>() * 100}};
    return {{"minor", value.at("pence")}, {"currency", "GBP"}};
  }
};

namespace troupe::testing {
namespace {

/// Two cells.
class shelf : public actor {
 public:
  static constexpr std::string_view actor_type = "shelf";

  void set(int minor, std::string label) {
    price_.edit().minor = minor;
    label_.set(std::move(label));
  }
  void set_then_throw(int minor) {
    price_.edit().minor = minor;
    label_.erase();
    throw std::runtime_error("no");
  }
  void erase_label() { label_.erase(); }
  bool has_label() const { return label_.exists(); }
  std::string show() const { return std::to_string(price_->minor) + price_->currency + "/" + *label_; }
  void touch() { price_.edit(); }
  using methods = troupe::methods<&shelf::set, &shelf::set_then_throw, &shelf::erase_label, &shelf::has_label,
                                  &shelf::show, &shelf::touch>;

 private:
  state<price> price_{*this, "price"};
  state<std::string> label_{*this, "label"};
};

template <int Which>
class misnamed : public actor {
 public:
  static constexpr std::string_view actor_type = Which == 0 ? "twice" : "spaced";
  void ping() {}
  using methods = troupe::methods<&misnamed::ping>;

 private:
  state<int> one_{*this, Which == 0 ? "cell" : "a b"};
  state<int> two_{*this, "cell"};
};

class State : public ::testing::Test {
 protected:
  State() {
    rt.host<shelf>();
    rt.host<ledger>();
  }
  [[nodiscard]] actor_ref<shelf> a() { return rt.ref<shelf>("a"); }
  std::string show() { return a().call<&shelf::show>().get(); }
  [[nodiscard]] auto cells() { return rt.stored({"shelf", "a"}).cells; }

  test_runtime rt;
};

TEST_F(State, CellsOfOneTurnAreStoredTogetherOrNotAtAll) {
  a().call<&shelf::set>(5, "five").get();
  ASSERT_EQ(cells().size(), 2U);
  EXPECT_THROW(a().call<&shelf::set_then_throw>(7).get(), std::runtime_error);
  EXPECT_EQ(show(), "5/five");
  rt.crash();
  EXPECT_EQ(show(), "5/five");
}

TEST_F(State, FirstTurnIsRolledBackToNothing) {
  EXPECT_THROW(a().call<&shelf::set_then_throw>(7).get(), std::runtime_error);
  EXPECT_EQ(show(), "0/");
  EXPECT_TRUE(cells().empty());
}

TEST_F(State, ReadingTurnWritesNothing) {
  show();
  EXPECT_EQ(rt.store().counts().commits, 0U);
}

TEST_F(State, CellExistsFromItsFirstEditUntilItIsErased) {
  EXPECT_FALSE(a().call<&shelf::has_label>().get());
  a().call<&shelf::set>(5, "").get();
  EXPECT_TRUE(a().call<&shelf::has_label>().get());
  a().call<&shelf::erase_label>().get();
  EXPECT_FALSE(a().call<&shelf::has_label>().get());
  ASSERT_EQ(cells().size(), 1U);
  EXPECT_EQ(cells()[0].name, "price");
}

TEST_F(State, OlderRowPassesThroughTheUpgradesAndIsWrittenBackWithTheNextCommit) {
  rt.put({"shelf", "a"}, {{.name = "price", .schema = 1, .json = R"({"pounds":3})"}});
  EXPECT_EQ(show(), "300GBP/");
  EXPECT_EQ(cells().at(0).schema, 1U);
  a().call<&shelf::touch>().get();
  EXPECT_EQ(cells().at(0).schema, 3U);
  EXPECT_EQ(cells().at(0).json, R"({"currency":"GBP","minor":300})");
}

TEST_F(State, NewerRowIsRefusedAndStaysAsItIs) {
  rt.put({"shelf", "a"}, {{.name = "price", .schema = 4, .json = R"({"future":1})"}});
  const error why = error_of([&] { show(); });
  EXPECT_EQ(why.kind(), errc::bad_state);
  EXPECT_TRUE(has(why, "shelf/a") && has(why, "\"price\"") && has(why, "version 4")) << why.what();
  EXPECT_EQ(cells().at(0).json, R"({"future":1})");
  EXPECT_EQ(rt.stored({"shelf", "a"}).stamp.version, 1U);
}

TEST_F(State, RowThatDoesNotFitIsRefusedAndStaysAsItIs) {
  rt.put({"shelf", "a"}, {{.name = "label", .schema = 1, .json = "17"}});
  const error why = error_of([&] { a().call<&shelf::set>(1, "x").get(); });
  EXPECT_EQ(why.kind(), errc::bad_state);
  EXPECT_TRUE(has(why, "\"label\"")) << why.what();
  EXPECT_EQ(cells().at(0).json, "17");
}

TEST_F(State, CellsTheClassDoesNotDeclareAreKept) {
  rt.put({"shelf", "a"}, {{.name = "zone", .schema = 7, .json = "[1,2]"}});
  a().call<&shelf::set>(5, "five").get();
  a().call<&shelf::erase_label>().get();
  ASSERT_EQ(cells().size(), 2U);
  EXPECT_EQ(cells()[1].name, "zone");
  EXPECT_EQ(cells()[1].schema, 7U);
  EXPECT_EQ(cells()[1].json, "[1,2]");
}

TEST_F(State, TextThatIsNotUtf8FailsTheTurnAndIsRolledBack) {
  a().call<&shelf::set>(5, "five").get();
  const error why = error_of([&] { a().call<&shelf::set>(6, "\xff").get(); });
  EXPECT_EQ(why.kind(), errc::not_encodable);
  EXPECT_EQ(why.effect(), effect::none);
  EXPECT_TRUE(has(why, "shelf/a") && has(why, "\"label\"")) << why.what();
  EXPECT_EQ(show(), "5/five");
  a().call<&shelf::set>(6, "six").get();
  EXPECT_EQ(show(), "6/six");
}

TEST_F(State, OversizedStateFailsTheTurnAndIsRolledBack) {
  a().call<&shelf::set>(5, "five").get();
  const error why = error_of([&] { a().call<&shelf::set>(6, std::string((16U << 20U) + 1, 'x')).get(); });
  EXPECT_EQ(why.kind(), errc::too_large);
  EXPECT_TRUE(has(why, "shelf/a") && has(why, "16777216")) << why.what();
  EXPECT_EQ(show(), "5/five");
}

TEST_F(State, EraseRemovesTheActorForGood) {
  auto l = rt.ref<ledger>("a");
  l.with({.idempotency_key = "k"}).call<&ledger::add>(3).get();
  l.call<&ledger::erase_all>().get();
  rt.settle();
  const auto image = rt.stored({"ledger", "a"});
  EXPECT_EQ(image.stamp.version, 0U);
  EXPECT_TRUE(image.cells.empty() && image.requests.empty());
  EXPECT_EQ(rt.counters().resident_actors, 0U);
  EXPECT_EQ(l.with({.idempotency_key = "k"}).call<&ledger::add>(4).get(), 4);
  rt.crash();
  EXPECT_EQ(rt.ref<ledger>("a").call<&ledger::read>().get(), 4);
}

TEST_F(State, EraseOfAnActorWithoutStateDoesNothing) {
  rt.ref<ledger>("a").call<&ledger::erase_all>().get();
  EXPECT_EQ(rt.store().counts().commits, 0U);
  EXPECT_EQ(rt.ref<ledger>("a").call<&ledger::add>(1).get(), 1);
}

TEST_F(State, BadCellNamesFailTheFirstActivation) {
  rt.host<misnamed<0>>();
  rt.host<misnamed<1>>();
  const error twice = error_of([&] { rt.ref<misnamed<0>>("a").call<&misnamed<0>::ping>().get(); });
  EXPECT_EQ(twice.kind(), errc::activation_failed);
  EXPECT_TRUE(has(twice, "two members have this name")) << twice.what();
  const error spaced = error_of([&] { rt.ref<misnamed<1>>("a").call<&misnamed<1>::ping>().get(); });
  EXPECT_TRUE(has(spaced, "\"a b\"")) << spaced.what();
}

}  // namespace
}  // namespace troupe::testing
