#pragma once

#include <cstdint>
#include <exception>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>

#include "model_actors.hpp"
#include "reference_model.hpp"
#include "seed_setup.hpp"
#include "troupe/testing/test_runtime.hpp"

namespace troupe::model {

/// What the driver asks an actor to do.
enum class method {
  add,
  read,
  refuse,
  tell_and_refuse,
  add_slowly,
  refuse_slowly,
  relay,
  tell,
  post,
  remind,
  forget_reminders,
  start_timer,
  leave,
  erase_all,
  look_slowly,
  mix_slowly,
  mix_and_refuse,
  bounce,
};

/// One call, as it is described before it is made; a keyed one may be made again.
struct planned_call {
  method what = method::add;
  std::size_t actor = 0;
  effect_id id = 0;          ///< 0: none
  std::size_t to = 0;        ///< whom the handler writes to
  effect_id other = 0;       ///< the effect that it has there, or a timer's tick
  std::int64_t ms = 0;       ///< sleep, timer delay, or due time since the start
  std::int64_t period = 0;   ///< of a reminder, in ms
  std::string key{};         ///< idempotency key
  std::int64_t timeout = 0;  ///< in ms; 0: the usual one, less than 0: none
  bool refuses = false;      ///< what is to happen inside a bounced turn throws
};

[[nodiscard]] std::string to_string(const planned_call& call);

using call_answer = std::function<void(std::exception_ptr, view)>;

/// Makes a call; `done` gets its answer on `answers`, also that the runtime is gone.
void make_call(testing::test_runtime& rt, kind type, const planned_call& call, boost::asio::io_context& answers,
               call_answer done);

/// Runs the random life of a seed: one object, one run.
class driver {
 public:
  driver(std::uint64_t seed, testing::broken_rules broken, bool traced);

  /// Returns the rule that was violated; empty: none.
  [[nodiscard]] std::string run();

  [[nodiscard]] const std::vector<std::string>& trace() const noexcept { return trace_; }
  [[nodiscard]] const seed_setup& setup() const noexcept { return setup_; }

 private:
  struct open_call {
    std::size_t runtime = 0;
    planned_call call;
    std::size_t attempt = 0;
    moment asked = 0;
    bool open = true;
  };

  [[nodiscard]] std::uint64_t draw(std::uint64_t below) { return random_() % below; }
  [[nodiscard]] bool chance(std::uint64_t percent) { return draw(100) < percent; }
  [[nodiscard]] std::size_t draw_runtime() { return runtimes_.size() == 1 ? 0 : draw(runtimes_.size()); }
  [[nodiscard]] bool failed() const { return !model_.violation().empty(); }
  [[nodiscard]] std::int64_t now_ms() const;
  [[nodiscard]] std::uint64_t sender(std::size_t runtime, std::size_t from) const;
  [[nodiscard]] std::uint64_t sender_of_posts(std::size_t runtime, std::size_t from) const;

  void act();
  void plan_call();
  void fill_in(planned_call& call, std::size_t runtime);
  void start(std::size_t runtime, const planned_call& call);
  void answered(std::size_t number, const std::exception_ptr& failure, const view& reply);
  void deactivate_one();
  void advance(std::chrono::milliseconds span);
  void restart(std::size_t runtime);
  void crash(std::size_t runtime);
  void move_held();
  void collect_answers();
  void check_store(bool over);
  void finish();
  void note(const std::string& line);

  const std::uint64_t seed_;
  std::mt19937_64 random_;
  const seed_setup setup_;
  const bool traced_;
  reference_model model_;
  world world_;
  std::vector<open_call> calls_;
  std::vector<planned_call> keyed_;
  std::vector<std::string> trace_;
  boost::asio::io_context answers_{1};
  std::vector<std::unique_ptr<testing::test_runtime>> runtimes_;
};

}  // namespace troupe::model
