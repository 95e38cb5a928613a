#include <string>

#include "unit/saga/transfer.hpp"

namespace troupe::testing {

struct priced {
  int pence = 0;
};
NLOHMANN_DEFINE_TYPE_NON_INTRUSIVE_WITH_DEFAULT(priced, pence)

}  // namespace troupe::testing

template <>
struct troupe::state_schema<troupe::testing::priced> {
  static constexpr std::uint32_t version = 2;
  static nlohmann::json upgrade(nlohmann::json row, std::uint32_t) {
    return {{"pence", row.at("pounds").get<int>() * 100}};
  }
};

namespace troupe::testing {
namespace {

template <class Variant>
class misled : public actor {
 public:
  static constexpr std::string_view actor_type = Variant::name;
  void touch() {}
  void first(saga_attempt) {}
  void second(saga_attempt) {}
  task<void> on_reminder(reminder_tick) override { return {}; }
  using methods = troupe::methods<&misled::touch>;

 private:
  typename Variant::template made<misled> made_{*this, "made", Variant::policy};
};

struct twins {
  static constexpr std::string_view name = "twins";
  static constexpr saga_policy policy{};
  template <class Actor>
  using made = saga<int, saga_step<"a", &Actor::first>, saga_step<"a", &Actor::second>>;
};

struct hasty {
  static constexpr std::string_view name = "hasty";
  static constexpr saga_policy policy{.first_pause = std::chrono::milliseconds(0)};
  template <class Actor>
  using made = saga<int, saga_step<"a", &Actor::first>>;
};

template <class Variant>
std::string refusal() {
  test_runtime rt;
  rt.host<misled<Variant>>();
  try {
    rt.ref<misled<Variant>>("x").template call<&misled<Variant>::touch>().get();
  } catch (const error& failure) {
    EXPECT_EQ(failure.kind(), errc::activation_failed);
    return failure.what();
  }
  return "nothing";
}

TEST(SagaOptions, OutOfRangeFailsTheActivation) {
  EXPECT_NE(refusal<twins>().find("saga \"made\" has two steps with the name \"a\""), std::string::npos);
  EXPECT_NE(refusal<hasty>().find("saga_policy::first_pause is 0 ms; it is 1 ms to 10 years"), std::string::npos);
}

class priced_coordinator : public actor {
 public:
  static constexpr std::string_view actor_type = "priced";
  int pence() const { return work_->pence; }
  void first(saga_attempt) {}
  task<void> on_reminder(reminder_tick) override { return {}; }
  using methods = troupe::methods<&priced_coordinator::pence>;

 private:
  saga<priced, saga_step<"a", &priced_coordinator::first>> work_{*this, "work"};
};

TEST(SagaOptions, DataHasTheSchemaOfItsOwn) {
  test_runtime rt;
  rt.host<priced_coordinator>();
  rt.put({"priced", "p"}, {{"work", 1, R"({"data":{"pounds":3},"saga":{"id":"s","phase":"completed"}})"}});
  EXPECT_EQ(rt.ref<priced_coordinator>("p").call<&priced_coordinator::pence>().get(), 300);
}

TEST(SagaOptions, KeysTellStepsCompensationsAndLabelsApart) {
  const saga_attempt done("order 7", "pay", false);
  EXPECT_EQ(done.key(), "order 7/pay");
  EXPECT_EQ(done.key("tip"), "order 7/pay#tip");
  EXPECT_EQ(saga_attempt("order 7", "pay", true).key("tip"), "order 7/undo pay#tip");
  const saga_attempt longest(std::string(saga_id_bytes_max, 'i'), std::string(saga_step_bytes_max, 's'), true);
  EXPECT_LE(longest.key(std::string(saga_step_bytes_max, 'l')).size(), idempotency_key_bytes_max);
  EXPECT_THROW(static_cast<void>(done.key(std::string(saga_step_bytes_max + 1, 'l'))), error);
  EXPECT_THROW(static_cast<void>(done.key("a/b")), error);
}

}  // namespace
}  // namespace troupe::testing
