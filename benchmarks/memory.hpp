#pragma once

#include <fstream>

#include <malloc.h>

namespace bench {

/// Bytes that the heap has handed out.
inline double heap_bytes() {
  const auto info = mallinfo2();
  return static_cast<double>(info.uordblks + info.hblkhd);
}

/// Bytes of the process that are in memory.
inline double resident_set_bytes() {
  std::ifstream statm("/proc/self/statm");
  double total = 0, resident = 0;
  statm >> total >> resident;
  return resident * 4096;
}

/// Bytes for each of many.
struct memory_taken {
  double heap = 0;
  double resident_set = 0;
};

/// What memory has been taken since this was made.
class memory_meter {
 public:
  [[nodiscard]] memory_taken taken(double by) const {
    return {(heap_bytes() - heap_) / by, (resident_set_bytes() - resident_set_) / by};
  }

 private:
  double heap_ = heap_bytes();
  double resident_set_ = resident_set_bytes();
};

}  // namespace bench
