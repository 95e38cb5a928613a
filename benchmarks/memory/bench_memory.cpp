// What an idle actor takes of the machine's memory, beside other libraries. Each figure is taken in a process of its
// own: memory that one contestant has given back would be used again by the next.

#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <iomanip>
#include <iostream>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>
#include <sys/wait.h>
#include <unistd.h>

#include "memory/footprint.hpp"
#include "program.hpp"
#include "ranking.hpp"

namespace {

using bench::burden;
using bench::footprint;
using bench::ranking;
using measuring = std::optional<footprint> (*)(burden, std::size_t, std::size_t);

struct options {
  std::vector<std::size_t> actors{100'000};
  std::size_t rounds = 3;
  std::size_t threads = 2;
  bool check = false;
  std::string only;
  std::string json;
};

struct library {
  std::string name;
  measuring measure;
};

std::vector<library> libraries() {
  std::vector<library> all{{"troupe", bench::measure_troupe}, {"strand", bench::measure_strand}};
#ifdef TROUPE_BENCH_CAF
  all.push_back({"caf", bench::measure_caf});
#endif
  all.push_back({"bare", bench::measure_bare});
  return all;
}

/// What comes back from the process that measures.
struct answer {
  bool has_any = false;
  bool can_leave = false;
  footprint found{};
};

/// Measures in a process of its own. This one has a single thread.
std::optional<footprint> measure_apart(const library& by, burden what, std::size_t actors, std::size_t threads) {
  std::array<int, 2> ends{};
  if (pipe(ends.data()) != 0) throw std::runtime_error("pipe failed");
  std::cout.flush();
  const pid_t child = fork();
  if (child < 0) throw std::runtime_error("fork failed");
  if (child == 0) {
    int code = 1;
    try {
      answer made;
      if (const auto found = by.measure(what, actors, threads)) {
        made = {.has_any = true, .can_leave = found->dormant.has_value(), .found = *found};
      }
      code = write(ends[1], &made, sizeof made) == static_cast<ssize_t>(sizeof made) ? 0 : 1;
    } catch (const std::exception& problem) {
      std::cerr << "\nbench_memory: " << by.name << ": " << problem.what() << "\n";
    }
    _exit(code);
  }
  close(ends[1]);
  answer made;
  const bool is_whole = read(ends[0], &made, sizeof made) == static_cast<ssize_t>(sizeof made);
  close(ends[0]);
  int status = 0;
  waitpid(child, &status, 0);
  if (!is_whole || status != 0) throw std::runtime_error(by.name + " could not be measured");
  if (!made.has_any) return std::nullopt;
  return made.found;
}

/// The figures of one kind of actor: of the process, and as the heap counts them.
struct kind {
  const bench::described_burden* what;
  ranking idle;
  ranking idle_heap;
  ranking dormant;
  ranking dormant_heap;
};

kind make_kind(const bench::described_burden& what, std::size_t actors, std::size_t threads) {
  const std::string name = std::string(what.name) + "/" + std::to_string(actors);
  const auto figures = [&](const std::string& of) {
    return ranking{.workload = name + of, .threads = threads, .unit = "bytes/actor"};
  };
  return {&what, figures(""), figures("/heap"), figures("/dormant"), figures("/dormant/heap")};
}

std::vector<kind> measure(const options& o, std::size_t actors, const std::vector<library>& all) {
  std::vector<kind> kinds;
  for (const auto& one : bench::burdens) {
    if (o.only.empty() || one.name.find(o.only) != std::string_view::npos) {
      kinds.push_back(make_kind(one, actors, o.threads));
    }
  }
  if (kinds.empty()) throw std::invalid_argument("no kind of actor has \"" + o.only + "\" in its name");
  for (std::size_t round = 1; round <= o.rounds; ++round) {
    for (kind& of : kinds) {
      for (const library& by : all) {
        std::cerr << "\r" << actors << " actors: round " << round << " of " << o.rounds << ", "
                  << std::string(of.what->name) + " " + by.name + std::string(20, ' ') << std::flush;
        const auto found = measure_apart(by, of.what->what, actors, o.threads);
        if (!found) continue;
        of.idle.taken[by.name].push_back(found->idle);
        of.idle_heap.taken[by.name].push_back(found->idle_heap);
        if (!found->dormant) continue;
        of.dormant.taken[by.name].push_back(*found->dormant);
        of.dormant_heap.taken[by.name].push_back(found->dormant_heap);
      }
    }
  }
  std::cerr << "\r" << std::string(60, ' ') << "\r";
  return kinds;
}

void print(const ranking& of, const ranking& heap, const std::vector<library>& all) {
  std::cout << std::left << std::setw(28) << of.workload << std::right << std::fixed << std::setprecision(0);
  for (const library& one : all) {
    if (const auto middle = of.middle(one.name)) {
      std::cout << std::setw(8) << *middle << " (" << std::setw(5) << heap.middle(one.name).value() << ")";
    } else {
      std::cout << std::setw(16) << "-";
    }
  }
  std::cout << std::endl;
}

/// What a stored cell adds to its actor, and what the store in memory keeps of it. By the heap: what the process has is
/// full of holes when the actors have left.
void print_cell(const std::vector<kind>& kinds, std::size_t actors, std::size_t threads, nlohmann::json& file) {
  const auto of = [&](burden what) {
    return std::find_if(kinds.begin(), kinds.end(), [&](const kind& one) { return one.what->what == what; });
  };
  const auto cell = of(burden::cell);
  const auto members = of(burden::members);
  if (cell == kinds.end() || members == kinds.end()) return;
  const std::vector<double>& stored = cell->dormant_heap.taken.at("troupe");
  std::vector<double> added;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    const double without = members->idle_heap.taken.at("troupe")[i] - members->dormant_heap.taken.at("troupe")[i];
    added.push_back(cell->idle_heap.taken.at("troupe")[i] - stored[i] - without);
  }
  std::cout << "a stored cell of 32 bytes adds " << bench::median(added) << " bytes to its actor; the store memory: "
            << "keeps " << bench::median(stored) << std::endl;
  ranking{.workload = std::string(cell->what->name) + "/" + std::to_string(actors) + "/added/heap",
          .threads = threads,
          .unit = "bytes/actor",
          .taken = {{"troupe", added}}}
      .add_to(file);
}

/// Whether an actor without stored state stays within the limits of the project.
bool is_within_limits(const std::vector<kind>& kinds) {
  bool is_right = true;
  for (const kind& of : kinds) {
    if (of.what->what != burden::members) continue;
    const double idle = of.idle.middle("troupe").value();
    const double dormant = of.dormant.middle("troupe").value();
    is_right = is_right && idle <= 256 && dormant <= 8;
    if (!is_right) std::cerr << "bench_memory: " << of.idle.workload << ": more than 256 bytes idle or 8 dormant\n";
  }
  return is_right;
}

int run(const options& o) {
  const std::vector<library> all = libraries();
  std::cout << std::left << std::setw(28) << "bytes per actor (heap)" << std::right;
  for (const library& one : all) std::cout << std::setw(16) << one.name;
  std::cout << "\n";
  nlohmann::json file = nlohmann::json::array();
  bool is_right = true;
  for (const std::size_t actors : o.actors) {
    const std::vector<kind> kinds = measure(o, actors, all);
    for (const kind& of : kinds) {
      print(of.idle, of.idle_heap, all);
      print(of.dormant, of.dormant_heap, all);
      for (const ranking* one : {&of.idle, &of.idle_heap, &of.dormant, &of.dormant_heap}) one->add_to(file);
    }
    print_cell(kinds, actors, o.threads, file);
    if (o.check) is_right = is_within_limits(kinds) && is_right;
  }
  bench::write_json(file, o.json);
  return is_right ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  options o;
  CLI::App app{"Bytes of memory that an idle actor takes in troupe, beside other libraries."};
  app.add_option("--actors", o.actors, "actors at once; one or more numbers")
      ->delimiter(',')
      ->check(CLI::Range(1'000, 100'000'000))
      ->capture_default_str();
  app.add_option("--rounds", o.rounds, "of which the median is taken")
      ->check(CLI::Range(1, 1'000))
      ->capture_default_str();
  app.add_option("--threads", o.threads, "worker threads")->check(CLI::Range(1, 256))->capture_default_str();
  app.add_option("--only", o.only, "only kinds of actors with this in their name");
  app.add_flag("--check", o.check,
               "fail when an actor with 32 bytes of members takes more than 256 bytes, or 8 dormant");
  app.add_option("--json", o.json, "write the figures to this file as JSON");
  std::string footer = "Kinds of actors, each with an id of 22 characters, and what they have:\n";
  for (const auto& one : bench::burdens) footer += "  " + std::string(one.name) + ": " + std::string(one.says) + "\n";
  app.footer(
      footer +
      "The bytes are those of the process in memory, divided by the actors; in brackets what the heap has handed "
      "out.\nWhat the store memory: keeps is included. \"dormant\": what is left when all actors have been "
      "deactivated: what the store keeps.\nContestants: troupe; strand and caf, whose users keep a map from ids "
      "to actors; bare (what the machine allows). \"-\": it has no such thing.\n"
      "Exit code: 0 ok, 1 something failed, 2 usage.");
  return bench::run_program(app, "bench_memory", argc, argv, [&] { return run(o); });
}
