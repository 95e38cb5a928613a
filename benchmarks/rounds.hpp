#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <ctime>
#include <fstream>
#include <functional>
#include <iomanip>
#include <iostream>
#include <stdexcept>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace bench {

/// Processor time of all threads.
inline double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) * 1e-9;
}

/// One case and what its rounds took.
struct measured {
  std::string name;
  std::string says;
  std::function<void()> run;
  std::int64_t operations = 0;
  std::vector<double> wall_ns;  // per operation, one a round
  std::vector<double> cpu_ns;   // the same in processor time of all threads
};

inline double median(std::vector<double> of) {
  std::sort(of.begin(), of.end());
  const std::size_t half = of.size() / 2;
  return of.size() % 2 == 1 ? of[half] : (of[half - 1] + of[half]) / 2;
}

/// Runs one round.
inline void measure(measured& c) {
  const double cpu = cpu_seconds();
  const auto begin = std::chrono::steady_clock::now();
  c.run();
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  c.wall_ns.push_back(wall.count() * 1e9 / static_cast<double>(c.operations));
  c.cpu_ns.push_back((cpu_seconds() - cpu) * 1e9 / static_cast<double>(c.operations));
}

/// Prints a table, and writes `file` with the figures as JSON when `path` names one.
inline void report(const std::vector<measured>& all, nlohmann::json file, const std::string& path) {
  std::cout << std::left << std::setw(12) << "case" << std::right << std::setw(10) << "ns/op" << std::setw(10)
            << "least" << std::setw(10) << "most" << std::setw(10) << "cpu ns"
            << "  what\n";
  for (const measured& c : all) {
    const auto [least, most] = std::minmax_element(c.wall_ns.begin(), c.wall_ns.end());
    std::cout << std::left << std::setw(12) << c.name << std::right << std::fixed << std::setprecision(1)
              << std::setw(10) << median(c.wall_ns) << std::setw(10) << *least << std::setw(10) << *most
              << std::setw(10) << median(c.cpu_ns) << "  " << c.says << "\n";
    file["cases"][c.name] = {{"what", c.says},     {"operations", c.operations}, {"wall_ns", median(c.wall_ns)},
                             {"least_ns", *least}, {"most_ns", *most},           {"cpu_ns", median(c.cpu_ns)}};
  }
  if (path.empty()) return;
  std::ofstream out(path);
  out << file.dump(2) << "\n";
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

/// Runs one round of the case that each line of standard input names, and answers with its two times per operation.
inline void serve(std::vector<measured>& all) {
  nlohmann::json names = nlohmann::json::array();
  for (const measured& c : all) names.push_back(c.name);
  std::cout << names.dump() << std::endl;
  for (std::string line; std::getline(std::cin, line);) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const measured& c) { return c.name == line; });
    if (found == all.end()) throw std::invalid_argument("no case is named \"" + line + "\"");
    measure(*found);
    std::cout << found->wall_ns.back() << ' ' << found->cpu_ns.back() << std::endl;
  }
}

}  // namespace bench
