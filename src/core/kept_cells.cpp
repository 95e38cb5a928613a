#include "core/kept_cells.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "troupe/base/error.hpp"

namespace troupe::internal {
namespace {

[[noreturn]] void refuse(const actor_id& actor, const std::string& what, std::size_t bytes, const std::string& option,
                         std::size_t most) {
  throw error(errc::too_large, "actor " + to_string(actor) + ": " + what + " would take " + std::to_string(bytes) +
                                   " bytes as JSON, " + option + " of its type is " + std::to_string(most) +
                                   "; keep less in it, or what only grows in a troupe::log");
}

const spi::cell_image* find(const std::vector<spi::cell_image>& images, std::string_view name) noexcept {
  const auto at = std::lower_bound(images.begin(), images.end(), name,
                                   [](const spi::cell_image& image, std::string_view key) { return image.name < key; });
  return at == images.end() || at->name != name ? nullptr : &*at;
}

bool has_any(const state_limits& most) noexcept { return most.cell_bytes != 0 || most.actor_bytes != 0; }

/// A turn may leave an actor beyond a limit that was lowered, but not farther beyond.
void check_sizes(const detail::cell_base* cells, const state_limits& most, const spi::turn_record& record) {
  std::size_t before = 0;
  std::size_t after = 0;
  for (const auto* cell = cells; cell != nullptr; cell = cell->next) {
    before += cell->json_bytes;
    if (!cell->present) continue;
    const spi::cell_image* image = find(record.cells, cell->name());
    const std::size_t bytes = image->kept ? cell->json_bytes : image->json.size();
    after += bytes;
    if (most.cell_bytes != 0 && bytes > most.cell_bytes && bytes > cell->json_bytes) {
      refuse(record.actor, "cell \"" + image->name + "\"", bytes, "state_max.cell_bytes", most.cell_bytes);
    }
  }
  if (most.actor_bytes != 0 && after > most.actor_bytes && after > before) {
    refuse(record.actor, "its cells together", after, "state_max.actor_bytes", most.actor_bytes);
  }
}

}  // namespace

std::size_t kept_cells::load(std::vector<spi::cell_image>&& stored, detail::cell_base* cells) {
  std::size_t upgraded = 0;
  strangers_.clear();
  for (auto* cell = cells; cell != nullptr; cell = cell->next) {
    cell->present = cell->changed = cell->large = false;
    cell->json_bytes = 0;
    cell->forget();
  }
  for (auto& image : stored) {
    auto* cell = cells;
    while (cell != nullptr && cell->name() != image.name) cell = cell->next;
    if (cell == nullptr) {
      if (image.kept) image.json = {};
      strangers_.push_back(std::move(image));
      continue;
    }
    try {
      cell->changed = cell->decode(image.json, image.schema);
    } catch (const std::exception& failure) {
      throw error(errc::bad_state, "the stored state of cell \"" + image.name + "\" " + failure.what());
    } catch (...) {
      throw error(errc::bad_state, "the stored state of cell \"" + image.name + "\" cannot be read");
    }
    if (cell->changed) ++upgraded;
    cell->large = image.kept;
    cell->json_bytes = static_cast<std::uint32_t>(image.json.size());
    cell->present = true;
  }
  for (auto* cell = cells; cell != nullptr; cell = cell->next) {
    if (!cell->present) cell->reset_value();
  }
  return upgraded;
}

void kept_cells::describe(detail::cell_base* cells, const spi::store_limits& limits, const state_limits& most,
                          spi::turn_record& record) const {
  std::vector<spi::cell_image>& images = record.cells;
  images = strangers_;
  for (auto* cell = cells; cell != nullptr; cell = cell->next) {
    cell->becomes_large = false;
    if (cell->present) {
      spi::cell_image& image = images.emplace_back();
      image.name = cell->name();
      image.schema = cell->schema();
      image.kept = cell->large && !cell->changed;
      try {
        if (!image.kept) cell->encode(image.json);
      } catch (const std::exception& failure) {
        throw error(errc::not_encodable,
                    "actor " + to_string(record.actor) + ", cell \"" + image.name + "\": " + failure.what());
      }
      cell->becomes_large = image.kept || image.json.size() >= limits.large_cell_bytes;
    }
    if (cell->large && !cell->becomes_large) record.cells_dropped.emplace_back(cell->name());
  }
  std::sort(images.begin(), images.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  if (has_any(most)) check_sizes(cells, most, record);
}

std::optional<spi::turn_record> kept_cells::check(detail::cell_base* cells, const spi::store_limits& limits,
                                                  const state_limits& most, const actor_id& actor) const {
  std::optional<spi::turn_record> record;
  if (!has_any(most)) return record;
  record.emplace().actor = actor;
  describe(cells, limits, most, *record);
  return record;
}

void kept_cells::note_sizes(detail::cell_base* cells, const spi::turn_record& record) noexcept {
  for (auto* cell = cells; cell != nullptr; cell = cell->next) {
    const spi::cell_image* image = find(record.cells, cell->name());
    if (image == nullptr) {
      cell->json_bytes = 0;
    } else if (!image->kept) {
      cell->json_bytes = static_cast<std::uint32_t>(image->json.size());
    }
  }
}

void kept_cells::apply(detail::cell_base* cells, const spi::store_limits& limits, const spi::turn_record& record,
                       bool alone) noexcept {
  for (spi::cell_image& stranger : strangers_) {
    if (stranger.kept || stranger.json.size() < limits.large_cell_bytes) continue;
    stranger.kept = true;
    stranger.json = {};
  }
  for (auto* cell = cells; cell != nullptr; cell = cell->next) {
    cell->large = cell->becomes_large;
    cell->changed = cell->changed && !alone;
  }
  note_sizes(cells, record);
}

void kept_cells::drop_all(detail::cell_base* cells, spi::turn_record& record) {
  for (auto* cell = cells; cell != nullptr; cell = cell->next) {
    cell->json_bytes = 0;
    if (std::exchange(cell->large, false)) record.cells_dropped.emplace_back(cell->name());
  }
  for (const spi::cell_image& stranger : strangers_) {
    if (stranger.kept) record.cells_dropped.push_back(stranger.name);
  }
  strangers_.clear();
}

}  // namespace troupe::internal
