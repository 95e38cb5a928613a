#include "troupe/schedule/duration.hpp"

#include <gtest/gtest.h>
