#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace bench {

/// What the actors of a contestant do in a round. Sources: the Savina benchmarks (Imam and Sarkar, 2014).
enum class workload : std::uint8_t {
  ping_pong,
  call,
  burst,
  windows,
  many_to_one,
  fan_out,
  ring,
  big,
  fork_join,
  work,
  create,
};

struct described {
  workload what;
  std::string_view name;
  std::string_view says;  ///< what an operation is
};

inline constexpr std::array<described, 11> workloads{{
    {workload::ping_pong, "ping_pong", "a message there and one back, between two actors"},
    {workload::call, "call", "a call of an idle actor whose answer is awaited"},
    {workload::burst, "counting_burst", "a message of many that one actor sends to another at once"},
    {workload::windows, "counting_windows", "the same, 1,000 at a time"},
    {workload::many_to_one, "many_to_one", "a message of 8 actors to one"},
    {workload::fan_out, "fan_out", "one message to each of many actors"},
    {workload::ring, "ring", "a message from one to the next of 100 actors"},
    {workload::big, "big", "120 actors ping random others: a message there and one back"},
    {workload::fork_join, "fork_join", "a message of many that one actor sends to 60 others at once"},
    {workload::work, "work", "a message to one of 100 actors, whose handler computes for about 0.4 us"},
    {workload::create, "create", "a new actor and its first message"},
}};

/// The actors of one library on some worker threads.
class contestant {
 public:
  contestant() = default;
  contestant(const contestant&) = delete;
  contestant& operator=(const contestant&) = delete;
  virtual ~contestant() = default;

  /// Runs one round of about so many operations; returns how many it were.
  virtual std::int64_t run(workload what, std::int64_t operations) = 0;
};

/// `wide`: how many actors take part in `fan_out`.
std::unique_ptr<contestant> make_bare(std::size_t threads, std::size_t wide);
std::unique_ptr<contestant> make_caf(std::size_t threads, std::size_t wide);
std::unique_ptr<contestant> make_strand(std::size_t threads, std::size_t wide);
std::unique_ptr<contestant> make_troupe(std::size_t threads, std::size_t wide);

}  // namespace bench
