#pragma once

#include <chrono>

namespace marketplace {

/// Tells how long something has been running.
class stopwatch {
 public:
  [[nodiscard]] std::chrono::milliseconds elapsed() const {
    return std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin_);
  }
  [[nodiscard]] double seconds() const { return static_cast<double>(elapsed().count()) / 1000.0; }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

}  // namespace marketplace
