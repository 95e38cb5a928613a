#pragma once

#include <troupe/spi/state_store.hpp>

#include "reports/audit_report.hpp"

namespace marketplace {

/// Adds a stored actor to an audit: a buyer or a seller with what its account holds; other types are passed over.
/// Errors: `std::runtime_error` naming the actor when its account cannot be read; the report is then unchanged.
void add_stored_actor(audit_report& report, const troupe::spi::actor_image& image);

}  // namespace marketplace
