package io.podlb.kit;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** The kit is the top layer: it uses what the others make public, and they do not know of it. */
@AnalyzeClasses(packages = "io.podlb", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {

    @ArchTest
    static final ArchRule nobodyKnowsTheKit = noClasses()
            .that()
            .resideOutsideOfPackage("io.podlb.kit")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.podlb.kit");

    @ArchTest
    static final ArchRule theKitIsOnePackageOfItsOwn = classes()
            .that()
            .resideInAPackage("io.podlb.kit..")
            .should()
            .resideInAPackage("io.podlb.kit")
            .andShould()
            .onlyDependOnClassesThat()
            .resideInAnyPackage(
                    "java..",
                    "javax.xml.stream..",
                    "io.podlb..",
                    "io.netty..",
                    "io.fabric8.kubernetes.api..",
                    "org.junit..",
                    "org.assertj..",
                    "org.slf4j..",
                    "org.jspecify..",
                    "tools.jackson..");

    /** Inside of the control plane, the kit has one entry; the sockets of the data plane are none of its business. */
    @ArchTest
    static final ArchRule theKitStaysOutOfTheMachineRoom = noClasses()
            .that()
            .resideInAPackage("io.podlb.kit")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage(
                    "io.podlb.control.check",
                    "io.podlb.control.health",
                    "io.podlb.control.report",
                    "io.podlb.server.transport");

    @ArchTest
    static final ArchRule timeIsInjected = noClasses()
            .that()
            .resideInAPackage("io.podlb.kit")
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Math.class, "random");
}
