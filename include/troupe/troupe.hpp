#pragma once

// What most programs need. Start with troupe::actor and troupe::runtime. Beside it are sagas (troupe/saga/saga.hpp),
// the options of single stores (troupe/stores/*.hpp), what an embedder may replace (troupe/spi/*.hpp) and the test
// runtime (troupe/testing/test_runtime.hpp).

#include "troupe/base/actor_id.hpp"
#include "troupe/base/codec.hpp"
#include "troupe/base/error.hpp"
#include "troupe/core/actor.hpp"
#include "troupe/core/actor_ref.hpp"
#include "troupe/core/actor_type.hpp"
#include "troupe/core/call.hpp"
#include "troupe/core/call_filter.hpp"
#include "troupe/core/combine.hpp"
#include "troupe/core/durable.hpp"
#include "troupe/core/event_delivery.hpp"
#include "troupe/core/event_stream.hpp"
#include "troupe/core/log.hpp"
#include "troupe/core/reminder.hpp"
#include "troupe/core/request_context.hpp"
#include "troupe/core/state.hpp"
#include "troupe/core/storage.hpp"
#include "troupe/core/task.hpp"
#include "troupe/core/timer.hpp"
#include "troupe/core/worker_pool.hpp"
#include "troupe/runtime/runtime.hpp"
#include "troupe/runtime/runtime_options.hpp"
#include "troupe/schedule/duration.hpp"
#include "troupe/schedule/schedule.hpp"
#include "troupe/schedule/time_text.hpp"
