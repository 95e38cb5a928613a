#pragma once

#include <functional>
#include <memory>

#include "stores/document/document_backend.hpp"

/// Lists and due scans, put together from the shards of an index.
/// Thread-safety: the thread of the backend, which outlives them.
namespace troupe::internal {

/// Lists actors with their images, which are read one by one behind the names: an index may be behind the documents.
void scan_list(document_backend& backend, spi::list_query query, std::function<void(spi::list_result)> done);

/// Lists what is due.
void scan_due(document_backend& backend, const spi::due_query& query, std::function<void(spi::due_result)> done);

}  // namespace troupe::internal
