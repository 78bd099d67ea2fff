//! Transports, configuration, the call stack, health, telemetry and shutdown.
