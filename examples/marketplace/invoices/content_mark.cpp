#include "invoices/content_mark.hpp"

#include <cstddef>
#include <vector>

namespace marketplace {

measured_content measure(std::istream& input, std::uint64_t beginning_bytes) {
  constexpr std::uint64_t offset_basis = 0xcbf29ce484222325;
  constexpr std::uint64_t prime = 0x100000001b3;
  constexpr std::size_t chunk_bytes = 64U * 1024U;

  measured_content found{{0, offset_basis}, {0, offset_basis}};
  std::vector<char> chunk(chunk_bytes);
  while (input.read(chunk.data(), chunk_bytes) || input.gcount() > 0) {
    for (std::size_t i = 0; i < static_cast<std::size_t>(input.gcount()); ++i) {
      found.whole.hash = (found.whole.hash ^ static_cast<unsigned char>(chunk[i])) * prime;
      ++found.whole.bytes;
      if (found.whole.bytes <= beginning_bytes) found.beginning = found.whole;
    }
  }
  return found;
}

}  // namespace marketplace
