#include "console/same_file.hpp"

#include <system_error>

namespace marketplace {

namespace fs = std::filesystem;

fs::path resolved(const fs::path& path) {
  constexpr int links_max = 40;  // as many as Linux follows
  std::error_code failure;
  fs::path place = fs::absolute(path, failure);
  if (failure) return path;
  for (int links = 0; links < links_max && fs::is_symlink(place, failure); ++links) {
    const fs::path target = fs::read_symlink(place, failure);
    if (failure) break;
    place = place.parent_path() / target;  // the target alone where that is absolute
  }
  const fs::path canonical = fs::weakly_canonical(place, failure);
  return failure ? place.lexically_normal() : canonical;
}

bool is_same_file(const fs::path& a, const fs::path& b) {
  std::error_code failure;
  return resolved(a) == resolved(b) || fs::equivalent(a, b, failure);
}

}  // namespace marketplace
