#pragma once

#include <algorithm>
#include <cstddef>
#include <fstream>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

#include "rounds.hpp"

namespace bench {

/// What each contestant needed for one workload, a figure a round; less is better.
struct ranking {
  std::string workload;
  std::size_t threads = 0;
  std::string unit;
  std::map<std::string, std::vector<double>> taken{};  ///< by contestant

  [[nodiscard]] static bool is_peer(std::string_view contestant) noexcept {
    return contestant != "troupe" && contestant != "bare" && contestant != "raw";
  }

  /// The median of a contestant that took part.
  [[nodiscard]] std::optional<double> middle(const std::string& contestant) const {
    const auto found = taken.find(contestant);
    return found == taken.end() || found->second.empty() ? std::nullopt : std::optional(median(found->second));
  }

  /// The least median of the other libraries.
  [[nodiscard]] std::optional<double> best_peer() const {
    std::optional<double> best;
    for (const auto& [name, figures] : taken) {
      if (is_peer(name) && !figures.empty()) best = std::min(best.value_or(median(figures)), median(figures));
    }
    return best;
  }

  /// What the machine allows.
  [[nodiscard]] std::optional<double> raw() const { return middle(taken.contains("raw") ? "raw" : "bare"); }

  /// One line for each contestant, as every benchmark writes them. A ratio that cannot be had is null.
  void add_to(nlohmann::json& list) const {
    const auto ratio = [](std::optional<double> of, std::optional<double> to) -> nlohmann::json {
      if (!of || !to || *to == 0) return nullptr;
      return *of / *to;
    };
    for (const auto& [name, figures] : taken) {
      if (figures.empty()) continue;
      const auto [least, most] = std::minmax_element(figures.begin(), figures.end());
      list.push_back({{"workload", workload},
                      {"contestant", name},
                      {"threads", threads},
                      {"unit", unit},
                      {"median", median(figures)},
                      {"min", *least},
                      {"max", *most},
                      {"runs", figures.size()},
                      {"ratio_to_best_peer", ratio(best_peer(), middle(name))},
                      {"ratio_to_raw", ratio(middle(name), raw())}});
    }
  }
};

/// Writes to a file, unless `path` is empty.
inline void write_json(const nlohmann::json& what, const std::string& path) {
  if (path.empty()) return;
  std::ofstream out(path);
  out << what.dump(2) << "\n";
  if (!out.flush()) throw std::runtime_error("cannot write " + path);
}

}  // namespace bench
