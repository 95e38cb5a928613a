// What messages between actors cost in troupe, beside other libraries that do the same in the same run.

#include <algorithm>
#include <cstdint>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include "messages/contest.hpp"
#include "program.hpp"

namespace {

using bench::described;
using bench::library;
using bench::ranking;

void print(const ranking& of, const std::vector<library>& all) {
  std::cout << std::left << std::setw(18) << of.workload << std::right << std::setw(3) << of.threads;
  for (const library& one : all) {
    const std::vector<double>& ns = of.taken.at(one.name);
    const auto [least, most] = std::minmax_element(ns.begin(), ns.end());
    std::cout << std::fixed << std::setprecision(0) << std::setw(8) << bench::median(ns) << " (" << std::setw(4)
              << *least << "-" << std::setw(5) << *most << ")";
  }
  const double own = of.middle("troupe").value();
  std::cout << std::setprecision(1) << std::setw(8) << of.best_peer().value() / own << std::setw(8)
            << own / of.raw().value() << std::endl;
}

int run(const bench::contest_options& o) {
  const std::vector<library> all = bench::libraries();
  std::cout << std::left << std::setw(18) << "ns per operation" << std::right << std::setw(3) << "thr";
  for (const library& one : all) std::cout << std::setw(8) << one.name << " (least-most)";
  std::cout << "  x peer  x bare" << std::endl;
  nlohmann::json file = nlohmann::json::array();
  for (const std::size_t threads : o.threads) {
    const std::vector<ranking> found = bench::measure(o, threads, all);
    if (found.empty()) throw std::invalid_argument("no workload has \"" + o.only + "\" in its name");
    for (const ranking& of : found) {
      print(of, all);
      of.add_to(file);
    }
  }
  bench::write_json(file, o.json);
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  bench::contest_options o;
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
  app.add_option("--references", o.references, "actors of random_calls and random_tells, a kept reference to each")
      ->check(CLI::Range(1, 10'000'000))
      ->capture_default_str();
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
  return bench::run_program(app, "bench_messages", argc, argv, [&] { return run(o); });
}
