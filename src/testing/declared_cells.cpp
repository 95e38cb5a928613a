#include "testing/declared_cells.hpp"

#include <algorithm>
#include <memory>

#include "troupe/detail/cell.hpp"

namespace troupe::internal {
namespace {

/// A cell of no content: each cell knows the one that was constructed before it.
class last_cell final : public detail::cell_base {
 public:
  explicit last_cell(actor& owner) : cell_base(owner, "") {}
  [[nodiscard]] std::uint32_t schema() const noexcept override { return 1; }
  void encode(std::string&) const override {}
  bool decode(std::string_view, std::uint32_t) override { return false; }
  void reset_value() override {}
  [[nodiscard]] std::unique_ptr<detail::kept_value> copy() const override { return nullptr; }
  void exchange(detail::kept_value&) noexcept override {}
};

}  // namespace

std::vector<std::string> declared_cells(actor& specimen) {
  const last_cell last(specimen);
  std::vector<std::string> names;
  for (const auto* cell = last.next; cell != nullptr; cell = cell->next) names.emplace_back(cell->name());
  std::reverse(names.begin(), names.end());
  return names;
}

}  // namespace troupe::internal
