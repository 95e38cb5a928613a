#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string_view>

namespace bench {

/// What the actors of a contestant do in a round. Sources: the Savina benchmarks (Imam and Sarkar, 2014), skynet
/// (Alexander Temerev, 2015).
enum class workload : std::uint8_t {
  ping_pong,
  call,
  call_coroutine,
  call_queued,
  burst,
  windows,
  many_to_one,
  fan_out,
  ring,
  big,
  fork_join,
  work,
  create,
  skynet,
  by_id,
  by_id_warm,
  random_calls,
  random_tells,
};

/// Which actors a workload is run with. Those of `small` and `wide` are the same in all rounds. The others are new in
/// each round, and its workloads of the same scene have them one after the other.
enum class scene : std::uint8_t { small, wide, creation, tree, ids, references };

struct described {
  workload what;
  scene with;
  std::string_view name;
  std::string_view says;  ///< what an operation is
};

inline constexpr std::array<described, 18> workloads{{
    {workload::ping_pong, scene::small, "ping_pong", "a message there and one back, between two actors"},
    {workload::call, scene::small, "call", "a call of an idle actor whose answer is awaited"},
    {workload::call_coroutine, scene::small, "call_coroutine",
     "the same where the handler is a coroutine, which awaits nothing"},
    {workload::call_queued, scene::small, "call_queued",
     "one of two calls that an actor makes together, of two others: no callee answers inside its caller's turn"},
    {workload::burst, scene::small, "counting_burst", "a message of many that one actor sends to another at once"},
    {workload::windows, scene::small, "counting_windows", "the same, 1,000 at a time"},
    {workload::many_to_one, scene::small, "many_to_one", "a message of 8 actors to one"},
    {workload::fan_out, scene::wide, "fan_out", "one message to each of many actors"},
    {workload::ring, scene::small, "ring", "a message from one to the next of 100 actors"},
    {workload::big, scene::small, "big", "120 actors ping random others: a message there and one back"},
    {workload::fork_join, scene::small, "fork_join", "a message of many that one actor sends to 60 others at once"},
    {workload::work, scene::small, "work", "a message to one of 100 actors, whose handler computes for about 0.4 us"},
    {workload::create, scene::creation, "create", "a new actor and its first message"},
    {workload::skynet, scene::tree, "skynet",
     "a leaf of a tree of new actors: each makes ten others and answers with the sum of their answers; a power of ten"},
    {workload::by_id, scene::ids, "by_id",
     "a call of an actor that is named by an id of 22 characters and not in memory: found, made, called, awaited"},
    {workload::by_id_warm, scene::ids, "by_id_warm", "the same again, now that they are in memory"},
    {workload::random_calls, scene::references, "random_calls",
     "an awaited call through one of many kept references, each to an actor of its own, drawn at random"},
    {workload::random_tells, scene::references, "random_tells", "a message through such a reference, 1,000 at a time"},
}};

/// The actors of one library on some worker threads.
class contestant {
 public:
  contestant() = default;
  contestant(const contestant&) = delete;
  contestant& operator=(const contestant&) = delete;
  virtual ~contestant() = default;

  /// Runs one round of about so many operations; returns how many it were. Throws when a result is wrong.
  virtual std::int64_t run(workload what, std::int64_t operations) = 0;
};

/// `wide`: how many actors take part in `fan_out` and have references kept to them.
std::unique_ptr<contestant> make_bare(scene on, std::size_t threads, std::size_t wide);
std::unique_ptr<contestant> make_caf(scene on, std::size_t threads, std::size_t wide);
std::unique_ptr<contestant> make_strand(scene on, std::size_t threads, std::size_t wide);
std::unique_ptr<contestant> make_troupe(scene on, std::size_t threads, std::size_t wide);

}  // namespace bench
