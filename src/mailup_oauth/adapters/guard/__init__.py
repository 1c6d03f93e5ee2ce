"""The Guard port; one module a reach."""
