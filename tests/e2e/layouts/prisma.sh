# SPDX-License-Identifier: MIT
case $engine in
postgres) prisma_count=3 ;;
*) prisma_count=2 ;;
esac
layout_sample prisma prisma prisma/migrations "$prisma_count" _prisma_migrations \
    'migration_name, checksum, applied_steps_count'
