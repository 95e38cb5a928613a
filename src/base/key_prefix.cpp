#include "base/key_prefix.hpp"

namespace troupe::internal {

std::string end_of_prefix(std::string prefix, std::size_t key_bytes_max) {
  while (!prefix.empty() && prefix.back() == '\xff') prefix.pop_back();
  if (prefix.empty()) return std::string(key_bytes_max + 1, '\xff');
  prefix.back() = static_cast<char>(static_cast<unsigned char>(prefix.back()) + 1U);
  return prefix;
}

}  // namespace troupe::internal
