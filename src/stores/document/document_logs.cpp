#include "stores/document/document_logs.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>

#include "stores/document/document_names.hpp"

namespace troupe::internal {
namespace {

/// Longest text of lengths stands for at most so many chunks: more than any document has room for.
constexpr std::size_t chunks_max = 10'000'000;

/// The name is that of the actor, of its life, of the log and of the first entry: none of them ever means another one.
std::string chunk_name(const document& held, const std::string& log, std::uint64_t first) {
  return document_name(held.actor.image.actor) + "!" + std::to_string(held.life.version) + "." +
         std::to_string(held.life.writer) + "!" + log + "!" + std::to_string(first);
}

const spi::log_head* head_of(const document& held, const std::string& log) {
  for (const spi::log_head& head : held.actor.image.logs) {
    if (head.name == log) return &head;
  }
  return nullptr;
}

std::vector<std::string> names_of(const document& held) {
  std::vector<std::string> names;
  for (const auto& [log, sealed] : held.sealed) {
    std::uint64_t first = sealed.first;
    for (const std::uint32_t length : sealed.lengths) {
      names.push_back(chunk_name(held, log, first));
      first += length;
    }
  }
  return names;
}

/// Forgets chunks all of whose entries are numbered below `first`.
void drop_before(std::uint64_t first, sealed_log& sealed) {
  std::size_t gone = 0;
  while (gone < sealed.lengths.size() && sealed.first + sealed.lengths[gone] <= first) {
    sealed.first += sealed.lengths[gone++];
  }
  sealed.lengths.erase(sealed.lengths.begin(), sealed.lengths.begin() + static_cast<std::ptrdiff_t>(gone));
}

}  // namespace

std::vector<log_chunk> chunks_of(const document& held) {
  std::vector<log_chunk> chunks;
  for (const auto& [log, entries] : held.actor.logs) {
    log_chunk chunk;
    std::size_t bytes = 0;
    for (const auto& [sequence, entry] : entries) {
      if (chunk.entries.empty()) chunk.name = chunk_name(held, log, sequence);
      chunk.log = log;
      chunk.entries.push_back(entry);
      bytes += entry.json.size();
      if (chunk.entries.size() < chunk_entries && bytes < chunk_bytes) continue;
      chunks.push_back(std::move(chunk));
      chunk = {};
      bytes = 0;
    }
  }
  return chunks;
}

void seal(document& content, const std::vector<log_chunk>& chunks) {
  for (const log_chunk& chunk : chunks) {
    sealed_log& sealed = content.sealed[chunk.log];
    if (sealed.lengths.empty()) sealed.first = chunk.entries.front().sequence;
    sealed.lengths.push_back(static_cast<std::uint32_t>(chunk.entries.size()));
    auto& entries = content.actor.logs[chunk.log];
    entries.erase(entries.begin(), entries.upper_bound(chunk.entries.back().sequence));
  }
  std::erase_if(content.actor.logs, [&](const auto& log) { return head_of(content, log.first) == nullptr; });
  for (auto it = content.sealed.begin(); it != content.sealed.end();) {
    const spi::log_head* head = head_of(content, it->first);
    if (head != nullptr) drop_before(head->first, it->second);
    it = head == nullptr || it->second.lengths.empty() ? content.sealed.erase(it) : std::next(it);
  }
}

std::vector<std::string> chunks_dropped(const document& before, const std::vector<log_chunk>& sealed,
                                        const document& after) {
  std::vector<std::string> known = names_of(before);
  for (const log_chunk& chunk : sealed) known.push_back(chunk.name);
  std::vector<std::string> kept;
  if (after.life == before.life) kept = names_of(after);
  std::sort(kept.begin(), kept.end());
  std::erase_if(known, [&](const std::string& name) { return std::binary_search(kept.begin(), kept.end(), name); });
  return known;
}

std::vector<chunk_place> chunks_for(const document& held, const spi::log_query& query) {
  std::vector<chunk_place> places;
  const auto sealed = held.sealed.find(query.log);
  if (sealed == held.sealed.end()) return places;
  std::uint64_t first = sealed->second.first;
  for (const std::uint32_t length : sealed->second.lengths) {
    if (first + length > query.from && first <= query.to) {
      places.push_back({chunk_name(held, query.log, first), first, length});
    }
    first += length;
  }
  // No more than fill the page: the chunks at both ends of the range may have entries beside it.
  if (query.newest_first) std::reverse(places.begin(), places.end());
  std::size_t entries = 0;
  if (const auto log = held.actor.logs.find(query.log); query.newest_first && log != held.actor.logs.end()) {
    for (const auto& [sequence, entry] : log->second) entries += sequence <= query.to ? 1U : 0U;
    if (entries >= query.limit) return {};
  }
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (i > 0) entries += places[i].entries;
    if (entries < query.limit) continue;
    places.resize(i + 1);
    break;
  }
  if (query.newest_first) std::reverse(places.begin(), places.end());
  return places;
}

std::string pack_lengths(const std::vector<std::uint32_t>& lengths) {
  std::string text;
  for (std::size_t i = 0; i < lengths.size();) {
    std::size_t end = i;
    while (end < lengths.size() && lengths[end] == lengths[i]) ++end;
    if (!text.empty()) text += ',';
    text += std::to_string(lengths[i]);
    if (end - i > 1) text.append("x").append(std::to_string(end - i));
    i = end;
  }
  return text;
}

std::optional<std::vector<std::uint32_t>> unpack_lengths(std::string_view text) {
  std::vector<std::uint32_t> lengths;
  const char* at = text.data();
  const char* const end = text.data() + text.size();
  while (at != end) {
    std::uint32_t length = 0;
    std::size_t times = 1;
    auto read = std::from_chars(at, end, length);
    if (read.ec != std::errc{} || length == 0) return std::nullopt;
    if (read.ptr != end && *read.ptr == 'x') read = std::from_chars(read.ptr + 1, end, times);
    if (read.ec != std::errc{} || times == 0 || times > chunks_max - lengths.size()) return std::nullopt;
    lengths.insert(lengths.end(), times, length);
    at = read.ptr;
    if (at == end) break;
    if (*at++ != ',' || at == end) return std::nullopt;
  }
  return lengths;
}

}  // namespace troupe::internal
