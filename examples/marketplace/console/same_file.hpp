#pragma once

#include <filesystem>

namespace marketplace {

/// Returns where a path leads: absolute, and with all links followed, also a last one that leads to no file yet.
/// Errors: none; links that cannot be followed stay as they are.
[[nodiscard]] std::filesystem::path resolved(const std::filesystem::path& path);

/// Whether two paths lead to the same file, be it that there is one or that there would be one.
[[nodiscard]] bool is_same_file(const std::filesystem::path& a, const std::filesystem::path& b);

}  // namespace marketplace
