#include "messages/contest.hpp"

#include <chrono>
#include <iostream>
#include <map>
#include <string_view>
#include <utility>

namespace bench {
namespace {

/// Workloads that are run with the same actors.
struct programme {
  scene with;
  std::vector<const described*> workloads;
};

class contest {
 public:
  contest(const contest_options& options, std::size_t threads, const std::vector<library>& all)
      : options_(options), threads_(threads), all_(all) {
    for (const described& one : workloads) {
      if (!is_chosen(one)) continue;
      found_.push_back({.workload = std::string(one.name), .threads = threads, .unit = "ns/operation"});
      if (lasts(one.with)) programmes_.push_back({one.with, {&one}});
    }
    for (const scene with : {scene::creation, scene::tree, scene::ids, scene::references}) add(with);
  }

  [[nodiscard]] std::vector<ranking> run() {
    for (round_ = 0; round_ <= options_.rounds; ++round_) {  // the first is not counted: memory and caches get warm
      for (const programme& one : programmes_) {
        for (std::size_t i = 0; i < all_.size(); ++i) run(one, all_[(i + round_) % all_.size()]);
      }
    }
    std::cerr << "\r" << std::string(60, ' ') << "\r";
    return std::move(found_);
  }

 private:
  [[nodiscard]] bool is_chosen(const described& one) const {
    return options_.only.empty() || one.name.find(options_.only) != std::string_view::npos;
  }

  [[nodiscard]] static bool lasts(scene with) noexcept { return with == scene::small || with == scene::wide; }
  [[nodiscard]] std::size_t width_of(scene with) const noexcept {
    return with == scene::wide ? options_.wide : with == scene::references ? options_.references : 1;
  }

  /// With those that come before a chosen one, as it builds on them.
  void add(scene with) {
    programme made{with, {}};
    bool any = false;
    for (const described& one : workloads) {
      if (one.with != with) continue;
      made.workloads.push_back(&one);
      any = any || is_chosen(one);
    }
    if (any) programmes_.push_back(std::move(made));
  }

  void run(const programme& what, const library& by) {
    std::unique_ptr<contestant>& actors = actors_[{what.with, by.name}];
    if (!actors) actors = by.make(what.with, threads_, width_of(what.with));
    for (const described* one : what.workloads) {
      std::cerr << "\r" << threads_ << " threads: round " << round_ << " of " << options_.rounds << ", "
                << std::string(one->name) + " " + by.name + std::string(20, ' ') << std::flush;
      const auto begin = std::chrono::steady_clock::now();
      const std::int64_t done = actors->run(one->what, options_.operations);
      const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
      if (round_ == 0) continue;
      for (ranking& of : found_) {
        if (of.workload == one->name) of.taken[by.name].push_back(taken.count() / static_cast<double>(done));
      }
    }
    if (!lasts(what.with)) actors.reset();  // before those of the next are made
  }

  const contest_options& options_;
  const std::size_t threads_;
  const std::vector<library>& all_;
  std::vector<programme> programmes_;
  std::vector<ranking> found_;
  std::map<std::pair<scene, std::string>, std::unique_ptr<contestant>> actors_;
  std::size_t round_ = 0;
};

}  // namespace

std::vector<library> libraries() {
  std::vector<library> all{{"troupe", make_troupe}, {"strand", make_strand}};
#ifdef TROUPE_BENCH_CAF
  all.push_back({"caf", make_caf});
#endif
  all.push_back({"bare", make_bare});
  return all;
}

std::vector<ranking> measure(const contest_options& options, std::size_t threads, const std::vector<library>& all) {
  return contest(options, threads, all).run();
}

}  // namespace bench
