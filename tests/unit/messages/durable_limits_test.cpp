#include <chrono>
#include <string>

#include "unit/messages/durable_actors.hpp"

namespace troupe::testing {
namespace {

using namespace std::chrono_literals;

/// Takes its time to say that it cannot be activated.
class slow_to_refuse : public actor {
 public:
  static constexpr std::string_view actor_type = "slow_to_refuse";

  explicit slow_to_refuse(const bool& refuses) : refuses_(refuses) {}
  task<void> on_activate() override {
    co_await sleep_for(500ms);
    if (refuses_) throw std::runtime_error("not today");
  }
  void take(std::string text) { box_.edit().count += text.empty() ? 0 : 1; }
  int taken() const { return box_->count; }
  using methods = troupe::methods<&slow_to_refuse::take, &slow_to_refuse::taken>;

 private:
  const bool& refuses_;
  state<post_box> box_{*this, "box"};
};

/// Sends what is large, or many at once, to those who cannot take it; and erases itself.
class lavish : public actor {
 public:
  static constexpr std::string_view actor_type = "lavish";
  static constexpr message_options messages{.attempts_max = 3, .letters_max = 30};

  void send_large(int kibibytes) {
    box_.edit().count += 1;
    ref<slow_to_refuse>("s").tell<&slow_to_refuse::take>(durable,
                                                         std::string(static_cast<std::size_t>(kibibytes) * 1024, 'x'));
  }
  void send_to_many(int receivers) {
    for (int i = 0; i < receivers; ++i) ref<stubborn>(std::to_string(i)).tell<&stubborn::take>(durable, i);
  }
  void edit_then_send_and_erase(std::string to) {
    box_.edit().count = 1;
    ref<stubborn>(to).tell<&stubborn::take>(durable, 1);
    erase();
  }
  void finish_later() {
    box_.edit().count = 1;
    ref<lavish>(key()).tell<&lavish::finish>(durable);
  }
  void finish() {
    ref<post>("log").tell<&post::count_one>(durable);
    erase();
  }
  void finish_quietly_later() {
    box_.edit().count = 1;
    ref<lavish>(key()).tell<&lavish::finish_quietly>(durable);
  }
  void finish_quietly() { erase(); }
  int touch() { return ++box_.edit().count; }
  int calls() { return ++calls_; }
  using methods = troupe::methods<&lavish::send_large, &lavish::send_to_many, &lavish::edit_then_send_and_erase,
                                  &lavish::finish_later, &lavish::finish, &lavish::finish_quietly_later,
                                  &lavish::finish_quietly, &lavish::touch, &lavish::calls>;

 private:
  state<post_box> box_{*this, "box"};
  int calls_ = 0;  // of this activation
};

class DurableLimits : public messages_fixture {
 protected:
  DurableLimits() {
    rt.host<lavish>();
    rt.host<slow_to_refuse>(options_of<slow_to_refuse>(), [this] { return std::make_unique<slow_to_refuse>(refuses); });
  }
  [[nodiscard]] actor_ref<lavish> l() { return rt.ref<lavish>("l"); }
  [[nodiscard]] std::size_t letters() { return rt.dead_letters({"lavish", "l"}).size(); }
  [[nodiscard]] spi::actor_image kept() { return rt.stored({"lavish", "l"}); }
};

TEST_F(DurableLimits, LargeMessagesThatCannotBeDeliveredDoNotStopTheirSender) {
  refuses = true;
  for (int i = 0; i < 25; ++i) l().call<&lavish::send_large>(900).get();
  for (int i = 1; i <= 5; ++i) {
    rt.advance(1s);
    EXPECT_NO_THROW(l().call<&lavish::touch>().get());
  }
  EXPECT_EQ(rt.counters().failed_activations, 0U);
  rt.advance(1h);
  EXPECT_EQ(letters(), 25U) << "they fit into more than one record only";
  EXPECT_TRUE(kept().messages.empty());
}

TEST_F(DurableLimits, DeadLettersOfASenderAreBoundedWhenManyComeAtOnce) {
  refuses = true;
  l().call<&lavish::send_to_many>(50).get();
  rt.advance(1h);
  EXPECT_EQ(letters(), 30U);
  EXPECT_EQ(kept().messages.size(), 20U);
}

TEST_F(DurableLimits, MessageToOneselfThatErasesTheActorTakesEffectOnce) {
  l().call<&lavish::finish_later>().get();
  rt.advance(1min);
  EXPECT_EQ(at("log").call<&post::counted>().get(), 1);
  EXPECT_EQ(kept().stamp.version, 0U);
  l().call<&lavish::finish_quietly_later>().get();
  rt.settle();
  EXPECT_EQ(kept().stamp.version, 0U) << "nothing holds it up: it is gone with that turn";
  const auto turns = rt.counters().turns;
  rt.advance(1min);
  EXPECT_LE(rt.counters().turns - turns, 1U);
}

TEST_F(DurableLimits, DeadLetterOfAnErasedSenderStaysUntilItIsDropped) {
  refuses = true;
  l().call<&lavish::touch>().get();
  l().call<&lavish::edit_then_send_and_erase>("s").get();
  rt.advance(1h);
  ASSERT_EQ(letters(), 1U);
  rt.restart();
  const auto kept_letters = rt.dead_letters({"lavish", "l"});
  ASSERT_EQ(kept_letters.size(), 1U);
  rt.drop_dead_letter({"lavish", "l"}, kept_letters[0].id);
  rt.advance(1h);
  EXPECT_EQ(kept().stamp.version, 0U) << "nothing of it is left";
}

TEST_F(DurableLimits, ActorWhoseStateWasNeverEditedStaysInMemory) {
  refuses = true;
  l().call<&lavish::send_to_many>(1).get();
  rt.settle();
  rt.crash();
  EXPECT_EQ(l().call<&lavish::calls>().get(), 1);
  refuses = false;
  rt.advance(10s);
  EXPECT_EQ(l().call<&lavish::calls>().get(), 2) << "it was deactivated, and nobody had asked for it";
}

}  // namespace
}  // namespace troupe::testing
