package io.podlb.server;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Keeps the map of README: each package uses those below it, never one above. */
@AnalyzeClasses(packages = "io.podlb.server", importOptions = ImportOption.DoNotIncludeTests.class)
class LayersTest {

    @ArchTest
    static final ArchRule packagesUseOnlyThoseBelow = layeredArchitecture()
            .consideringOnlyDependenciesInLayers()
            .layer("top")
            .definedBy("io.podlb.server")
            .layer("listener")
            .definedBy("io.podlb.server.listener")
            .layer("relay")
            .definedBy("io.podlb.server.relay")
            .layer("limit")
            .definedBy("io.podlb.server.limit")
            .layer("fault")
            .definedBy("io.podlb.server.fault")
            .layer("balance")
            .definedBy("io.podlb.server.balance")
            .layer("backend")
            .definedBy("io.podlb.server.backend")
            .layer("transport")
            .definedBy("io.podlb.server.transport")
            .layer("proxy")
            .definedBy("io.podlb.server.proxy")
            .layer("metrics")
            .definedBy("io.podlb.server.metrics")
            .layer("service")
            .definedBy("io.podlb.server.service")
            .whereLayer("top")
            .mayNotBeAccessedByAnyLayer()
            .whereLayer("listener")
            .mayOnlyBeAccessedByLayers("top")
            .whereLayer("relay")
            .mayOnlyBeAccessedByLayers("top", "listener")
            .whereLayer("limit")
            .mayOnlyBeAccessedByLayers("top", "relay")
            .whereLayer("fault")
            .mayOnlyBeAccessedByLayers("top", "relay")
            .whereLayer("balance")
            .mayOnlyBeAccessedByLayers("top", "listener", "relay", "limit", "fault")
            .whereLayer("backend")
            .mayOnlyBeAccessedByLayers("top", "listener", "relay", "limit", "balance")
            .whereLayer("transport")
            .mayOnlyBeAccessedByLayers("top", "listener", "relay", "fault")
            .whereLayer("proxy")
            .mayOnlyBeAccessedByLayers("relay")
            .whereLayer("metrics")
            .mayOnlyBeAccessedByLayers("top", "listener", "relay", "limit", "fault", "balance", "backend", "transport");

    @ArchTest
    static final ArchRule noCycles =
            slices().matching("io.podlb.server.(*)..").should().beFreeOfCycles();

    @ArchTest
    static final ArchRule theVocabularyNeedsNothingButTheJdk = noClasses()
            .that()
            .resideInAPackage("io.podlb.server.service")
            .should()
            .dependOnClassesThat()
            .resideOutsideOfPackages("io.podlb.server.service", "java..", "org.jspecify..");

    @ArchTest
    static final ArchRule balancingKnowsNoNetwork = noClasses()
            .that()
            .resideInAnyPackage("io.podlb.server.limit", "io.podlb.server.balance", "io.podlb.server.backend")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.netty..");

    @ArchTest
    static final ArchRule kubernetesStaysOutside =
            noClasses().should().dependOnClassesThat().resideInAPackage("io.fabric8..");

    @ArchTest
    static final ArchRule timeIsInjected = noClasses()
            .should()
            .callMethod(System.class, "nanoTime")
            .orShould()
            .callMethod(System.class, "currentTimeMillis")
            .orShould()
            .callMethod(Thread.class, "sleep", long.class)
            .orShould()
            .callMethod(Math.class, "random");
}
