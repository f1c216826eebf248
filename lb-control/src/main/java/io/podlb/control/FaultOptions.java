package io.podlb.control;

import io.podlb.control.translate.FaultPermission;
import picocli.CommandLine.Option;

/** Whether faults may be done on purpose, for labs and tests. */
final class FaultOptions {

    @Option(
            names = "--allow-faults",
            arity = "0..1",
            paramLabel = "true|false",
            defaultValue = "false",
            fallbackValue = "true",
            description = "Do the faults that annotations (podlb.io/fault) and /api/v1/faults of the admin endpoint ask"
                    + " for; for labs (default: ${DEFAULT-VALUE}).")
    boolean allowFaults;

    FaultPermission permission() {
        return allowFaults ? FaultPermission.GIVEN : FaultPermission.NOT_GIVEN;
    }
}
