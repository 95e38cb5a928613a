// What messages between actors cost in troupe, beside other libraries that do the same in the same run. Every round
// runs each workload once with each contestant, so that a disturbance of the machine touches all of them.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "messages/workload.hpp"
#include "rounds.hpp"

namespace {

using bench::described;
using bench::workload;

struct options {
  std::vector<std::size_t> threads{1, 2};
  std::int64_t operations = 500'000;
  std::size_t rounds = 5;
  std::size_t wide = 100'000;
  std::string only;
  std::string json;
};

struct library {
  std::string name;
  std::function<std::unique_ptr<bench::contestant>(std::size_t, std::size_t)> make;
  bool is_peer = false;  ///< another library, not troupe and not the machine's limit
};

std::vector<library> libraries() {
  std::vector<library> all{{"troupe", bench::make_troupe, false}, {"strand", bench::make_strand, true}};
#ifdef TROUPE_BENCH_CAF
  all.push_back({"caf", bench::make_caf, true});
#endif
  all.push_back({"bare", bench::make_bare, false});
  return all;
}

/// Nanoseconds per operation of one round.
double time_of(bench::contestant& of, workload what, std::int64_t operations) {
  const auto begin = std::chrono::steady_clock::now();
  const std::int64_t done = of.run(what, operations);
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
  return taken.count() / static_cast<double>(done);
}

struct figures {
  const described* what = nullptr;
  std::map<std::string, std::vector<double>> ns;  // by contestant
};

std::vector<figures> measure(const options& o, std::size_t threads, const std::vector<library>& all) {
  std::vector<figures> found;
  for (const described& one : bench::workloads) {
    if (o.only.empty() || std::string_view(one.name).find(o.only) != std::string_view::npos)
      found.push_back({&one, {}});
  }
  std::map<std::string, std::unique_ptr<bench::contestant>> actors;
  for (const library& one : all) actors[one.name] = one.make(threads, o.wide);
  for (std::size_t round = 0; round <= o.rounds; ++round) {  // the first is not counted: memory and caches get warm
    for (figures& of : found) {
      for (std::size_t i = 0; i < all.size(); ++i) {
        const library& one = all[(i + round) % all.size()];
        std::unique_ptr<bench::contestant> fresh;  // those that it makes are to be gone afterwards
        const bool creates = of.what->what == workload::create;
        if (creates) fresh = one.make(threads, 1);
        const double ns = time_of(creates ? *fresh : *actors[one.name], of.what->what, o.operations);
        if (round != 0) of.ns[one.name].push_back(ns);
      }
    }
    std::cerr << "\r" << threads << " threads: round " << round << " of " << o.rounds << std::flush;
  }
  std::cerr << "\r" << std::string(40, ' ') << "\r";
  return found;
}

std::optional<double> best_peer(const figures& of, const std::vector<library>& all) {
  std::optional<double> best;
  for (const library& one : all) {
    if (!one.is_peer) continue;
    const double ns = bench::median(of.ns.at(one.name));
    best = best ? std::min(*best, ns) : ns;
  }
  return best;
}

void report(const figures& of, std::size_t threads, const std::vector<library>& all, nlohmann::json& file) {
  const double peer = best_peer(of, all).value();
  const double raw = bench::median(of.ns.at("bare"));
  std::cout << std::left << std::setw(18) << of.what->name << std::right << std::setw(3) << threads;
  for (const library& one : all) {
    const std::vector<double>& ns = of.ns.at(one.name);
    const double middle = bench::median(ns);
    const auto [least, most] = std::minmax_element(ns.begin(), ns.end());
    std::cout << std::fixed << std::setprecision(0) << std::setw(8) << middle << " (" << std::setw(4) << *least << "-"
              << std::setw(5) << *most << ")";
    file.push_back({{"workload", of.what->name},
                    {"contestant", one.name},
                    {"threads", threads},
                    {"unit", "ns/operation"},
                    {"median", middle},
                    {"min", *least},
                    {"max", *most},
                    {"runs", ns.size()},
                    {"ratio_to_best_peer", peer / middle},
                    {"ratio_to_raw", middle / raw}});
  }
  const double own = bench::median(of.ns.at("troupe"));
  std::cout << std::setprecision(1) << std::setw(8) << peer / own << std::setw(8) << own / raw << "\n";
}

int run(const options& o) {
  const std::vector<library> all = libraries();
  std::cout << std::left << std::setw(18) << "ns per operation" << std::right << std::setw(3) << "thr";
  for (const library& one : all) std::cout << std::setw(8) << one.name << " (least-most)";
  std::cout << "  x peer  x bare\n";
  nlohmann::json file = nlohmann::json::array();
  for (const std::size_t threads : o.threads) {
    const std::vector<figures> found = measure(o, threads, all);
    if (found.empty()) throw std::invalid_argument("no workload has \"" + o.only + "\" in its name");
    for (const figures& of : found) report(of, threads, all, file);
  }
  if (o.json.empty()) return 0;
  std::ofstream out(o.json);
  out << file.dump(2) << "\n";
  if (!out.flush()) throw std::runtime_error("cannot write " + o.json);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app{"What a message between actors costs in troupe, beside other libraries in the same run."};
  app.add_option("--threads", o.threads, "worker threads; one or more numbers")
      ->delimiter(',')
      ->check(CLI::Range(1, 256))
      ->capture_default_str();
  app.add_option("--operations", o.operations, "of a workload, in a round")
      ->check(CLI::Range(1'000L, 100'000'000L))
      ->capture_default_str();
  app.add_option("--rounds", o.rounds, "that are counted")->check(CLI::Range(1, 1'000))->capture_default_str();
  app.add_option("--wide", o.wide, "actors of fan_out")->check(CLI::Range(1, 10'000'000))->capture_default_str();
  app.add_option("--only", o.only, "only workloads with this in their name");
  app.add_option("--json", o.json, "write the figures to this file as JSON");
  std::string footer = "Workloads, and what an operation is:\n";
  for (const described& one : bench::workloads) {
    footer += "  " + std::string(one.name) + ": " + std::string(one.says) + "\n";
  }
  app.footer(
      footer +
      "Contestants: troupe; strand (an Asio strand for each actor); caf, where its package was found when this was "
      "built; bare (what the machine allows).\n\"x peer\": how many times faster troupe is than the fastest of strand "
      "and caf; \"x bare\": how many times slower than bare.\nExit code: 0 ok, 1 something failed, 2 usage.");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& problem) {
    return app.exit(problem) == 0 ? 0 : 2;
  }
  try {
    return run(o);
  } catch (const std::invalid_argument& problem) {
    std::cerr << "bench_messages: " << problem.what() << "\n";
    return 2;
  } catch (const std::exception& problem) {
    std::cerr << "bench_messages: " << problem.what() << "\n";
    return 1;
  }
}
